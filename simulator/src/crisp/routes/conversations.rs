//! Conversations and messages.

use super::super::forms::{MOMENT, PER_PAGE, UUID};
use super::super::operations::{actions, conversation_lists, conversations, messages, spams, verification};
use super::super::shapes::{
    ACTIONS_ABORT_CALL, ACTIONS_ASSIST_BROWSING, ACTIONS_BROWSING_ACTION, ACTIONS_CALL, ACTIONS_REMIND, ACTIONS_REPORT,
    ACTIONS_SIGNAL_CALL, ACTIONS_TOOL_CALL, ACTIONS_TRANSCRIPT, ACTIONS_WIDGET_BUTTON, ACTIONS_WIDGET_DATA,
    CONVERSATION_LISTS_FORGET_KEY, CONVERSATION_LISTS_FORGET_SEGMENT, CONVERSATIONS_ASSIGN, CONVERSATIONS_BLOCK,
    CONVERSATIONS_CHANGE_STATE, CONVERSATIONS_MOVE_TO_INBOX, CONVERSATIONS_OPEN, CONVERSATIONS_SAVE_PARTICIPANTS,
    CONVERSATIONS_UPDATE_METAS, MESSAGE_CREATE, MESSAGES_COMPOSE, MESSAGES_MARK_DELIVERED, MESSAGES_MARK_READ,
    MESSAGES_MARK_UNREAD, MESSAGES_UPDATE, SPAMS_DECIDE, VERIFICATION_REDEEM_LINK, VERIFICATION_REQUEST_IDENTITY,
    VERIFICATION_UPDATE,
};
use super::{Operation, PLUGIN_ONLY, USER_ONLY, delete, flag, get, head, patch, post, put, query_may, w};
use crate::engine::ParamKind::{Digits, Form, OneOf, Text};

pub(super) static CONVERSATIONS: &[Operation] = &[
    get("list_conversations", w!("/conversations/{page_number}"))
        .scope("conversation:sessions")
        .query(&[
            query_may("per_page", Form(&PER_PAGE)),
            query_may("search_query", Text),
            query_may("search_type", OneOf(&["text", "segment", "filter"])),
            query_may("search_operator", OneOf(&["and", "or"])),
            flag("include_empty"),
            query_may("filter_inbox_id", Form(&UUID)),
            flag("filter_unread"),
            flag("filter_resolved"),
            flag("filter_not_resolved"),
            flag("filter_mention"),
            query_may("filter_assigned", Form(&UUID)),
            flag("filter_unassigned"),
            query_may("filter_date_start", Form(&MOMENT)),
            query_may("filter_date_end", Form(&MOMENT)),
            flag("order_date_created"),
            flag("order_date_updated"),
            flag("order_date_waiting"),
        ])
        .status(206)
        .listed()
        .by(conversation_lists::list),
    get(
        "list_suggested_conversation_segments",
        w!("/conversations/suggest/segments/{page_number}"),
    )
    .scope("conversation:suggest")
    .listed()
    .on(conversation_lists::suggested_segments),
    delete(
        "delete_suggested_conversation_segment",
        w!("/conversations/suggest/segment"),
    )
    .scope("conversation:suggest")
    .json(&CONVERSATION_LISTS_FORGET_SEGMENT)
    .on(conversation_lists::forget_segment),
    get(
        "list_suggested_conversation_data_keys",
        w!("/conversations/suggest/data/{page_number}"),
    )
    .scope("conversation:suggest")
    .listed()
    .on(conversation_lists::suggested_keys),
    delete(
        "delete_suggested_conversation_data_key",
        w!("/conversations/suggest/data"),
    )
    .scope("conversation:suggest")
    .json(&CONVERSATION_LISTS_FORGET_KEY)
    .on(conversation_lists::forget_key),
    get("list_spam_conversations", w!("/conversations/spams/{page_number}"))
        .tiers(USER_ONLY)
        .query(&[query_may("filter_type", Text)])
        .listed()
        .on(spams::list),
    get(
        "resolve_spam_conversation_content",
        w!("/conversations/spam/{spam_id}/content"),
    )
    .tiers(USER_ONLY)
    .on(spams::content),
    post(
        "submit_spam_conversation_decision",
        w!("/conversations/spam/{spam_id}/decision"),
    )
    .tiers(USER_ONLY)
    .json(&SPAMS_DECIDE)
    .status(202)
    .on(spams::decide),
    post("create_new_conversation", w!("/conversation"))
        .scope("conversation:sessions")
        .status(201)
        .on(conversations::create),
    head("check_conversation_exists", w!("/conversation/{session_id}"))
        .scope("conversation:sessions")
        .on(conversations::exists),
    get("get_conversation", w!("/conversation/{session_id}"))
        .scope("conversation:sessions")
        .on(conversations::get),
    delete("remove_conversation", w!("/conversation/{session_id}"))
        .scope("conversation:sessions")
        .on(conversations::remove),
    post(
        "initiate_conversation_with_existing_session",
        w!("/conversation/{session_id}/initiate"),
    )
    .scope("conversation:initiate")
    .on(conversations::initiate),
    get(
        "get_messages_in_conversation",
        w!("/conversation/{session_id}/messages"),
    )
    .scope("conversation:messages")
    .query(&[
        query_may("timestamp_before", Digits),
        query_may("timestamp_after", Digits),
        query_may("timestamp_around", Digits),
    ])
    .status(206)
    .listed()
    .on(messages::list),
    post("send_message_in_conversation", w!("/conversation/{session_id}/message"))
        .scope("conversation:messages")
        .json(&MESSAGE_CREATE)
        .status(202)
        .by(messages::send),
    get(
        "get_message_in_conversation",
        w!("/conversation/{session_id}/message/{fingerprint}"),
    )
    .scope("conversation:messages")
    .on(messages::get),
    patch(
        "update_message_in_conversation",
        w!("/conversation/{session_id}/message/{fingerprint}"),
    )
    .scope("conversation:messages")
    .json(&MESSAGES_UPDATE)
    .on(messages::update),
    delete(
        "remove_message_in_conversation",
        w!("/conversation/{session_id}/message/{fingerprint}"),
    )
    .scope("conversation:messages")
    .on(messages::remove),
    patch(
        "compose_message_in_conversation",
        w!("/conversation/{session_id}/compose"),
    )
    .scope("conversation:messages")
    .json(&MESSAGES_COMPOSE)
    .by(messages::compose),
    patch(
        "mark_messages_read_in_conversation",
        w!("/conversation/{session_id}/read"),
    )
    .scope("conversation:messages")
    .json(&MESSAGES_MARK_READ)
    .on(messages::mark_read),
    patch("mark_conversation_as_unread", w!("/conversation/{session_id}/unread"))
        .scope("conversation:messages")
        .json(&MESSAGES_MARK_UNREAD)
        .on(messages::mark_unread),
    patch(
        "mark_messages_delivered_in_conversation",
        w!("/conversation/{session_id}/delivered"),
    )
    .scope("conversation:messages")
    .json(&MESSAGES_MARK_DELIVERED)
    .on(messages::mark_delivered),
    patch("update_conversation_open_state", w!("/conversation/{session_id}/open"))
        .scope("conversation:actions")
        .json(&CONVERSATIONS_OPEN)
        .on(conversations::open),
    get(
        "get_conversation_routing_assign",
        w!("/conversation/{session_id}/routing"),
    )
    .scope("conversation:routing")
    .on(conversations::routing),
    patch("assign_conversation_routing", w!("/conversation/{session_id}/routing"))
        .scope("conversation:routing")
        .json(&CONVERSATIONS_ASSIGN)
        .on(conversations::assign),
    patch("update_conversation_inbox", w!("/conversation/{session_id}/inbox"))
        .scope("conversation:routing")
        .json(&CONVERSATIONS_MOVE_TO_INBOX)
        .on(conversations::move_to_inbox),
    get("get_conversation_metas", w!("/conversation/{session_id}/meta"))
        .scope("conversation:sessions")
        .on(conversations::metas),
    patch("update_conversation_metas", w!("/conversation/{session_id}/meta"))
        .scope("conversation:sessions")
        .json(&CONVERSATIONS_UPDATE_METAS)
        .on(conversations::update_metas),
    get(
        "get_original_message_in_conversation",
        w!("/conversation/{session_id}/original/{original_id}"),
    )
    .scope("conversation:messages")
    .on(messages::original),
    get(
        "list_conversation_pages",
        w!("/conversation/{session_id}/pages/{page_number}"),
    )
    .scope("conversation:pages")
    .listed()
    .on(conversations::pages),
    get(
        "list_conversation_events",
        w!("/conversation/{session_id}/events/{page_number}"),
    )
    .scope("conversation:events")
    .listed()
    .on(conversations::events),
    get(
        "list_conversation_files",
        w!("/conversation/{session_id}/files/{page_number}"),
    )
    .scope("conversation:messages")
    .listed()
    .on(messages::files),
    get("get_conversation_state", w!("/conversation/{session_id}/state"))
        .scope("conversation:states")
        .on(conversations::state),
    patch("change_conversation_state", w!("/conversation/{session_id}/state"))
        .scope("conversation:states")
        .json(&CONVERSATIONS_CHANGE_STATE)
        .on(conversations::change_state),
    get("get_conversation_relations", w!("/conversation/{session_id}/relations"))
        .scope("conversation:sessions")
        .on(conversations::relations),
    get(
        "get_conversation_participants",
        w!("/conversation/{session_id}/participants"),
    )
    .scope("conversation:participants")
    .on(conversations::participants),
    put(
        "save_conversation_participants",
        w!("/conversation/{session_id}/participants"),
    )
    .scope("conversation:participants")
    .json(&CONVERSATIONS_SAVE_PARTICIPANTS)
    .on(conversations::save_participants),
    get(
        "get_block_status_for_conversation",
        w!("/conversation/{session_id}/block"),
    )
    .scope("conversation:actions")
    .on(conversations::blocked),
    patch(
        "block_incoming_messages_for_conversation",
        w!("/conversation/{session_id}/block"),
    )
    .scope("conversation:actions")
    .json(&CONVERSATIONS_BLOCK)
    .on(conversations::block),
    get(
        "get_verify_status_for_conversation",
        w!("/conversation/{session_id}/verify"),
    )
    .scope("conversation:actions")
    .on(verification::status),
    patch(
        "update_verify_status_for_conversation",
        w!("/conversation/{session_id}/verify"),
    )
    .scope("conversation:actions")
    .json(&VERIFICATION_UPDATE)
    .on(verification::update),
    post(
        "request_identity_verification_for_conversation",
        w!("/conversation/{session_id}/verify/identity"),
    )
    .scope("conversation:actions")
    .json(&VERIFICATION_REQUEST_IDENTITY)
    .status(202)
    .by(verification::request_identity),
    put(
        "redeem_identity_verification_link_for_conversation",
        w!("/conversation/{session_id}/verify/identity/link"),
    )
    .scope("conversation:actions")
    .json(&VERIFICATION_REDEEM_LINK)
    .on(verification::redeem_link),
    post(
        "request_email_transcript_for_conversation",
        w!("/conversation/{session_id}/transcript"),
    )
    .scope("conversation:actions")
    .json(&ACTIONS_TRANSCRIPT)
    .status(202)
    .on(actions::transcript),
    post(
        "request_chatbox_binding_purge_for_conversation",
        w!("/conversation/{session_id}/purge"),
    )
    .scope("conversation:actions")
    .status(202)
    .on(actions::purge),
    post(
        "request_user_feedback_for_conversation",
        w!("/conversation/{session_id}/feedback"),
    )
    .scope("conversation:actions")
    .status(202)
    .on(actions::request_feedback),
    get(
        "list_browsing_sessions_for_conversation",
        w!("/conversation/{session_id}/browsing"),
    )
    .scope("conversation:browsing")
    .listed()
    .on(actions::list_browsing),
    post(
        "initiate_browsing_session_for_conversation",
        w!("/conversation/{session_id}/browsing"),
    )
    .scope("conversation:browsing")
    .status(202)
    .on(actions::initiate_browsing),
    patch(
        "send_action_to_existing_browsing_session",
        w!("/conversation/{session_id}/browsing/{browsing_id}"),
    )
    .scope("conversation:browsing")
    .json(&ACTIONS_BROWSING_ACTION)
    .on(actions::browsing_action),
    patch(
        "assist_existing_browsing_session",
        w!("/conversation/{session_id}/browsing/{browsing_id}/assist"),
    )
    .scope("conversation:browsing")
    .json(&ACTIONS_ASSIST_BROWSING)
    .on(actions::assist_browsing),
    post(
        "initiate_new_call_session_for_conversation",
        w!("/conversation/{session_id}/call"),
    )
    .scope("conversation:calls")
    .json(&ACTIONS_CALL)
    .status(201)
    .on(actions::call),
    get(
        "get_ongoing_call_session_for_conversation",
        w!("/conversation/{session_id}/call"),
    )
    .scope("conversation:calls")
    .on(actions::ongoing_call),
    delete(
        "abort_ongoing_call_session_for_conversation",
        w!("/conversation/{session_id}/call/{call_id}"),
    )
    .scope("conversation:calls")
    .optional_json(&ACTIONS_ABORT_CALL)
    .on(actions::abort_call),
    patch(
        "transmit_signaling_on_ongoing_call_session",
        w!("/conversation/{session_id}/call/{call_id}"),
    )
    .scope("conversation:calls")
    .json(&ACTIONS_SIGNAL_CALL)
    .on(actions::signal_call),
    // The reference adds a segment, the official clients do not.
    patch(
        "transmit_signaling_on_ongoing_call_session",
        w!("/conversation/{session_id}/call/{call_id}/signaling"),
    )
    .scope("conversation:calls")
    .json(&ACTIONS_SIGNAL_CALL)
    .on(actions::signal_call),
    post(
        "request_tool_call_for_conversation",
        w!("/conversation/{session_id}/tool"),
    )
    .tiers(PLUGIN_ONLY)
    .scope("conversation:actions")
    .json(&ACTIONS_TOOL_CALL)
    .status(202)
    .on(actions::tool_call),
    post(
        "deliver_widget_button_action_for_conversation",
        w!("/conversation/{session_id}/widget/{plugin_id}/button"),
    )
    .tiers(USER_ONLY)
    .json(&ACTIONS_WIDGET_BUTTON)
    .on(actions::widget_button),
    post(
        "deliver_widget_data_fetch_action_for_conversation",
        w!("/conversation/{session_id}/widget/{plugin_id}/data"),
    )
    .tiers(USER_ONLY)
    .json(&ACTIONS_WIDGET_DATA)
    .on(actions::widget_data),
    post(
        "schedule_reminder_for_conversation",
        w!("/conversation/{session_id}/reminder"),
    )
    .scope("conversation:actions")
    .json(&ACTIONS_REMIND)
    .status(201)
    .on(actions::remind),
    post("report_conversation", w!("/conversation/{session_id}/report"))
        .scope("conversation:actions")
        .json(&ACTIONS_REPORT)
        .status(201)
        .on(actions::report),
];
