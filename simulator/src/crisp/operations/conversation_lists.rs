//! Lists of conversations, and suggestions drawn from them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::access::{Tier, Token};
use super::super::filters::Filters;
use super::super::records::{Conversation, Members, PAGE, Website, in_dates, page, page_size, window};
use super::super::routes::Outcome;
use super::{conversations, people};
use crate::engine::{Call, Refusal};

/// Whether the words stand somewhere in the conversation.
fn mentions(conversation: &Conversation, words: &str) -> bool {
    let metas = ["nickname", "email", "phone", "subject"];
    let metas = metas.iter().filter_map(|name| conversation.meta_text(name));
    let messages = conversation
        .messages
        .iter()
        .filter_map(|message| message.content.as_str());
    let segments = conversation.segments();
    metas
        .chain(messages)
        .chain(segments)
        .any(|text| text.to_lowercase().contains(words))
}

/// A conversation and its person, for filters.
pub(super) fn records(website: &Website, conversation: &Conversation) -> Value {
    let person = conversation.people_id.as_ref().and_then(|id| website.people.get(id));
    json!({
        "session": conversations::show(website, conversation),
        "people": person.map(|person| people::record(website, person)),
    })
}

/// Lets conversations through, or not.
type Test = Box<dyn Fn(&Conversation) -> bool>;

/// What a search lets through.
fn search(website: &Website, call: &Call) -> Result<Test, Refusal> {
    let Some(query) = call.given("search_query") else {
        return Ok(Box::new(|_| true));
    };
    match call.given("search_type") {
        Some("segment") => {
            let segment = query.to_owned();
            Ok(Box::new(move |one| one.segments().any(|known| known == segment)))
        }
        Some("filter") => {
            let filters = Filters::parse(query, call.given("search_operator"))?;
            let admitted: Vec<String> = website
                .conversations
                .values()
                .filter(|conversation| filters.admit(&records(website, conversation)))
                .map(|conversation| conversation.session_id.clone())
                .collect();
            Ok(Box::new(move |one| admitted.binary_search(&one.session_id).is_ok()))
        }
        _ => {
            let words = query.to_lowercase();
            Ok(Box::new(move |one| mentions(one, &words)))
        }
    }
}

pub(in crate::crisp) fn list(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    let found = search(website, call)?;
    let flag = |name: &str| call.flag(name, false);
    // Mentions are of somebody: of the user, or, with another token, of anybody.
    let mentioned = |one: &Conversation| match token.tier {
        Tier::User => one.mentions.contains(&token.subject),
        _ => !one.mentions.is_empty(),
    };
    let wanted = |one: &&Conversation| {
        (one.visible || flag("include_empty"))
            && call
                .given("filter_inbox_id")
                .is_none_or(|inbox| one.inbox_id.as_deref() == Some(inbox))
            && (!flag("filter_unread") || one.unread().0 > 0)
            && (!flag("filter_resolved") || one.state == "resolved")
            && (!flag("filter_not_resolved") || one.state != "resolved")
            && (!flag("filter_mention") || mentioned(one))
            && call
                .given("filter_assigned")
                .is_none_or(|user| one.assigned.as_deref() == Some(user))
            && (!flag("filter_unassigned") || one.assigned.is_none())
            && in_dates(call, one.updated_at)
            && found(one)
    };
    let mut listed: Vec<_> = website.conversations.values().filter(wanted).collect();
    if flag("order_date_waiting") {
        listed.sort_by_key(|one| (one.waiting_since.unwrap_or(i64::MAX), &one.session_id));
    } else if flag("order_date_created") {
        listed.sort_by_key(|one| (Reverse(one.created_at), &one.session_id));
    } else {
        listed.sort_by_key(|one| (Reverse(one.updated_at), &one.session_id));
    }
    let listed = window(listed, call, page_size(call));
    Ok(listed.map(|one| conversations::show(website, one)).collect())
}

/// Suggestions with how often they occur, the most frequent first, without those that were forgotten.
pub(super) fn suggestions(
    website: &Website,
    call: &Call,
    kind: &'static str,
    name: &str,
    texts: impl Iterator<Item = String>,
) -> Value {
    let mut counts = BTreeMap::<String, usize>::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    let mut counts: Vec<_> = counts
        .into_iter()
        .filter(|(text, _)| !website.forgotten.contains(&(kind, text.clone())))
        .collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    let shown = counts
        .into_iter()
        .map(|(text, count)| json!({name: text, "count": count}));
    page(shown.collect(), call, PAGE)
}

/// Forgets a suggestion; records that have it keep it.
pub(super) fn forget(website: &mut Website, call: &Call, kind: &'static str, name: &str) -> Outcome {
    let text = call.body.text(name).unwrap_or_default().to_owned();
    website.tick();
    website.forgotten.insert((kind, text));
    Ok(json!({}))
}

pub(in crate::crisp) fn suggested_segments(website: &mut Website, call: &Call) -> Outcome {
    let segments = website
        .conversations
        .values()
        .flat_map(Conversation::segments)
        .map(str::to_owned);
    Ok(suggestions(website, call, "conversation segment", "segment", segments))
}

pub(in crate::crisp) fn forget_segment(website: &mut Website, call: &Call) -> Outcome {
    forget(website, call, "conversation segment", "segment")
}

pub(in crate::crisp) fn suggested_keys(website: &mut Website, call: &Call) -> Outcome {
    let data = website.conversations.values().filter_map(|one| one.meta.object("data"));
    let keys = data.flat_map(|data| data.keys().cloned());
    Ok(suggestions(website, call, "conversation data", "key", keys))
}

pub(in crate::crisp) fn forget_key(website: &mut Website, call: &Call) -> Outcome {
    forget(website, call, "conversation data", "key")
}
