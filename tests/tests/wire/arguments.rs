//! Wrong arguments: every fault is told, with a way out, and nothing is sent.

use deskhand_desk365::{Client, CreateContract, GetContact, UpdateTicket};
use deskhand_runtime::Code;
use deskhand_runtime::client::Call;
use deskhand_tests::server::{RawServer, Reply};
use deskhand_tests::{desk365, tool};
use serde_json::{Value, json};

/// A fault as a caller must be told it.
struct Told {
    argument: &'static str,
    /// Words of its message.
    says: &'static [&'static str],
    did_you_mean: Option<&'static str>,
    /// A tool that yields what is missing.
    get_it_from: Option<&'static str>,
}

fn fault(argument: &'static str, says: &'static [&'static str]) -> Told {
    Told {
        argument,
        says,
        did_you_mean: None,
        get_it_from: None,
    }
}

impl Told {
    fn meant(self, name: &'static str) -> Self {
        Self {
            did_you_mean: Some(name),
            ..self
        }
    }

    fn from(self, tool: &'static str) -> Self {
        Self {
            get_it_from: Some(tool),
            ..self
        }
    }
}

/// Calls a tool that must refuse its arguments with exactly these faults, in this order.
async fn refuses(name: &str, arguments: Value, faults: &[Told]) {
    let server = RawServer::start(|_, _| Reply::json(200, "{}")).await;
    let outcome = tool(&desk365(&server.host()), name, arguments.clone()).await;
    let seen = server.take();
    assert!(seen.is_empty(), "{name} {arguments}: sent {seen:?}");
    assert!(outcome.is_error(), "{name} {arguments}");
    assert_eq!((outcome.status, outcome.rate_limit), (None, None));
    let error = &outcome.to_structured()["error"];
    assert_eq!(
        (&error["status"], &error["code"], &error["origin"]),
        (&Value::Null, &json!("invalid_arguments"), &json!("deskhand")),
        "{name} {arguments}"
    );
    let told = error["arguments"].as_array().unwrap_or_else(|| panic!("{error:#}"));
    let names: Vec<_> = told.iter().map(|fault| fault["argument"].as_str().unwrap()).collect();
    let expected: Vec<_> = faults.iter().map(|fault| fault.argument).collect();
    assert_eq!(names, expected, "{name} {arguments}: {error:#}");
    let whole = error["message"].as_str().unwrap();
    for (told, expected) in told.iter().zip(faults) {
        let message = told["message"].as_str().unwrap();
        for words in expected.says {
            assert!(
                message.contains(words),
                "{name} {arguments}: {words:?} is not in {message:?}"
            );
        }
        // The sentence of the whole error holds it all: some clients show nothing else.
        assert!(whole.contains(expected.argument) && whole.contains(message), "{whole}");
        if let Some(meant) = expected.did_you_mean {
            assert_eq!(told["did_you_mean"], meant, "{name} {arguments}");
            assert!(whole.contains(meant), "{whole}");
        }
        if let Some(tool) = expected.get_it_from {
            let from = told["get_it_from"].as_array().unwrap_or_else(|| panic!("{error:#}"));
            assert!(from.contains(&json!(tool)), "{name} {arguments}: {from:?}");
            assert!(whole.contains(tool), "{whole}");
        }
    }
}

#[tokio::test]
async fn unknown_arguments_name_the_nearest() {
    refuses(
        "get_single_desk_365_ticket_by_id",
        json!({"ticket_nmber": 1}),
        &[
            fault("ticket_number", &["is required", "whole number"]).from("list_all_desk_365_tickets"),
            fault("ticket_nmber", &["no such argument"]).meant("ticket_number"),
        ],
    )
    .await;
    refuses(
        "update_a_desk_365_ticket_by_id",
        json!({"ticket_number": 1, "assigned_to": "agent@example.com", "subcategory": "S"}),
        &[
            fault("assigned_to", &["no such argument"]).meant("assign_to"),
            fault("subcategory", &["no such argument"]).meant("sub_category"),
        ],
    )
    .await;
    refuses(
        "list_all_desk_365_tickets",
        json!({"page": 2, "status": "Open"}),
        &[
            fault("page", &["no such argument"]),
            fault("status", &["no such argument"]),
        ],
    )
    .await;
    refuses(
        "list_all_desk_365_tickets",
        json!({"filters": {"sub_category": ["S"], "statuses": ["Open"]}}),
        &[
            fault("filters.sub_category", &["no such member"]).meant("subcategory"),
            fault("filters.statuses", &["no such member"]).meant("status"),
        ],
    )
    .await;
    refuses(
        "list_all_desk_365_ping",
        json!({"verbose": true}),
        &[fault("verbose", &["takes none"])],
    )
    .await;
}

#[tokio::test]
async fn missing_arguments_name_the_tool_that_yields_them() {
    for (name, argument, yields) in [
        (
            "list_all_desk_365_ticket_conversations",
            "ticket_number",
            "list_all_desk_365_tickets",
        ),
        (
            "get_single_desk_365_company_by_id",
            "name",
            "list_all_desk_365_companies",
        ),
        (
            "update_a_desk_365_company_by_id",
            "company_name",
            "list_all_desk_365_companies",
        ),
        (
            "update_a_desk_365_contact_by_id",
            "primary_email",
            "list_all_desk_365_contacts",
        ),
        (
            "get_single_desk_365_time_entry_by_id",
            "id",
            "list_all_desk_365_time_entries",
        ),
        (
            "get_single_desk_365_survey_by_id",
            "survey_name",
            "list_all_desk_365_surveys",
        ),
        (
            "get_single_desk_365_kb_article_by_id",
            "article_name",
            "list_all_desk_365_kb_articles",
        ),
        (
            "delete_a_desk_365_kb_article_by_id",
            "article_name",
            "list_all_desk_365_kb_articles",
        ),
        (
            "delete_a_desk_365_kb_category_by_id",
            "category_name",
            "get_single_desk_365_kb_article_by_id",
        ),
        (
            "get_single_desk_365_location_by_id",
            "location_name",
            "list_all_desk_365_locations",
        ),
    ] {
        refuses(name, json!({}), &[fault(argument, &["is required"]).from(yields)]).await;
        refuses(
            name,
            json!({argument: null}),
            &[fault(argument, &["null", "is required"]).from(yields)],
        )
        .await;
    }
}

#[tokio::test]
async fn identifiers_of_the_wrong_form_are_told_apart() {
    for wrong in [
        json!("abc"),
        json!(1.5),
        json!(""),
        json!([1]),
        json!({"id": 1}),
        json!(true),
        json!("#12"),
        json!("1e3"),
    ] {
        refuses(
            "get_single_desk_365_ticket_by_id",
            json!({"ticket_number": wrong}),
            &[fault("ticket_number", &["expected a TicketNumber", "whole number"]).from("list_all_desk_365_tickets")],
        )
        .await;
    }
    for wrong in [
        "Example contact",
        "first@",
        "@example.com",
        "a b@example.com",
        "first@example.com\r\nx",
    ] {
        refuses(
            "update_a_desk_365_contact_by_id",
            json!({"primary_email": wrong, "name": "x"}),
            &[fault("primary_email", &[])],
        )
        .await;
    }
    for wrong in [
        "2026-01-31T08:00:00Z",
        "2026-01-31",
        "yesterday",
        "2026-02-30 00:00:00",
        "2026-01-31 25:00:00",
        "",
    ] {
        refuses(
            "list_all_desk_365_tickets",
            json!({"updated_since": wrong}),
            &[fault("updated_since", &["YYYY-MM-DD HH:MM:SS"])],
        )
        .await;
    }
}

#[tokio::test]
async fn unknown_words_are_told_with_the_known_ones() {
    refuses(
        "create_a_desk_365_ticket",
        json!({"email": "first@example.com", "subject": "S", "priority": "urgnt"}),
        &[fault("priority", &["low, medium, high, urgent"]).meant("urgent")],
    )
    .await;
    refuses(
        "list_all_desk_365_tickets",
        json!({"filters": {"priority": ["high", "hgih"], "source": [99]}}),
        &[
            fault("filters.priority.1", &["low, medium, high, urgent"]).meant("high"),
            fault("filters.source.0", &["email", "web_form"]),
        ],
    )
    .await;
    refuses(
        "list_all_desk_365_contacts",
        json!({"order_by": 5, "order_type": "descending"}),
        &[
            fault("order_by", &["name, title, company, email"]),
            fault("order_type", &["asc, desc"]),
        ],
    )
    .await;
    // Only answers know an article that is a draft of a published one.
    refuses(
        "update_a_desk_365_kb_article_by_id",
        json!({"article_name": "A", "status": 2}),
        &[fault("status", &["draft, published"])],
    )
    .await;
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    refuses(
        "create_a_desk_365_ticket",
        json!({"email": "nobody", "priority": "high!", "watchers": "lead@example.com", "custom_fields": [], "assigned_to": "x"}),
        &[
            fault("email", &["e-mail"]),
            fault("subject", &["is required"]),
            fault("priority", &["one of"]),
            fault("custom_fields", &["an object"]),
            fault("watchers", &["a list"]),
            fault("assigned_to", &["no such argument"]).meant("assign_to"),
        ],
    )
    .await;
    refuses(
        "list_all_desk_365_time_entries",
        json!({"ticket_number": "x", "started_after": "x", "billable": "maybe", "limit": 1000, "ofset": 3}),
        &[
            fault("ticket_number", &["whole number"]),
            fault("started_after", &["YYYY-MM-DD HH:MM:SS"]),
            fault("billable", &["true or false"]),
            fault("limit", &["100"]),
            fault("ofset", &["no such argument"]).meant("offset"),
        ],
    )
    .await;
}

#[tokio::test]
async fn arguments_that_exclude_or_need_each_other() {
    let file = json!({"name": "a.txt", "media_type": "text/plain", "content_base64": "QQ=="});
    refuses(
        "desk_365_ticket_notes_create_with_attachment",
        json!({"ticket_number": 1, "note_object": {"body": "x"}, "file": file, "files": [file]}),
        &[fault("", &["only one of", "`file`", "`files`"])],
    )
    .await;
    refuses(
        "get_single_desk_365_contact_by_id",
        json!({}),
        &[fault("", &["exactly one of", "none"])],
    )
    .await;
    refuses(
        "get_single_desk_365_contact_by_id",
        json!({"primary_email": "a@example.com", "secondary_email": "b@example.com"}),
        &[fault("", &["exactly one of", "more than one"])],
    )
    .await;
    for name in ["get_single_desk_365_contract_by_id", "update_a_desk_365_contract_by_id"] {
        refuses(
            name,
            json!({}),
            &[fault("", &["at least one of", "`contract_name`", "`reference_number`"])],
        )
        .await;
    }
    refuses(
        "create_a_desk_365_contract",
        json!({"name": "N", "company": "C", "contract_type": "block_hours", "block_tickets": {"contract_tickets": 1}}),
        &[
            fault("block_hours", &["must be given", "block_hours"]),
            fault("block_tickets", &["must be left out"]),
        ],
    )
    .await;
    refuses(
        "create_a_desk_365_contract",
        json!({"name": "N", "company": "C", "contract_type": 3, "block_hours": {}, "block_tickets": {}}),
        &[
            fault("", &["exactly one of"]),
            fault("block_hours", &["must be left out"]),
        ],
    )
    .await;
    refuses(
        "create_a_desk_365_kb_category",
        json!({"category_name": "C", "support_portal_visibility": "listed_companies", "agent_portal_visibility": 2}),
        &[
            fault("company_list", &["must be given"]),
            fault("agent_group_list", &["must be given"]),
        ],
    )
    .await;
    refuses(
        "desk_365_tickets_search",
        json!({"search_type": "by_field", "search_query": {"query": "x"}}),
        &[
            fault("search_query.search_term", &["is required"]),
            fault("search_query.query", &["no such member"]),
        ],
    )
    .await;
    refuses(
        "desk_365_tickets_search",
        json!({"search_query": {"query": "x"}}),
        &[fault("search_type", &["is required", "free_text", "by_field"])],
    )
    .await;
    refuses(
        "update_a_desk_365_ticket_by_id",
        json!({"ticket_number": 1, "watchers": {}}),
        &[fault("watchers", &["at least one of", "`add`", "`remove`"])],
    )
    .await;
    refuses(
        "update_a_desk_365_ticket_by_id",
        json!({"ticket_number": 1, "watchers": ["lead@example.com"]}),
        &[fault("watchers", &["an object with add, remove"])],
    )
    .await;
}

#[tokio::test]
async fn clearing_is_for_what_can_be_cleared() {
    refuses(
        "update_a_desk_365_ticket_by_id",
        json!({"ticket_number": 1, "assign_to": "agent@example.com", "clear": ["assign_to", "subject", "grup"]}),
        &[
            fault("assign_to", &["`clear`"]),
            fault(
                "clear.1",
                &["cannot be emptied", "assign_to, group, category, sub_category"],
            ),
            fault("clear.2", &["no argument"]).meant("group"),
        ],
    )
    .await;
    refuses(
        "update_a_desk_365_ticket_by_id",
        json!({"ticket_number": 1, "clear": "assign_to"}),
        &[fault("clear", &["a list"])],
    )
    .await;
    refuses(
        "update_a_desk_365_company_by_id",
        json!({"company_name": "C", "clear": ["phone"]}),
        &[fault("clear", &["no such argument"])],
    )
    .await;
}

#[tokio::test]
async fn lists_that_become_one_text_hold_no_commas() {
    refuses(
        "create_a_desk_365_company",
        json!({"name": "C", "domains": ["example.com,example.org", ""]}),
        &[fault("domains.0", &["comma"]), fault("domains.1", &["empty"])],
    )
    .await;
}

#[tokio::test]
async fn files_are_files() {
    for (file, at) in [
        (json!("a.txt"), "file"),
        (json!({"name": "a.txt"}), "file"),
        (json!({"name": "../a.txt", "content_base64": ""}), "file.name"),
        (json!({"name": "a\r\nb", "content_base64": ""}), "file.name"),
        (
            json!({"name": "a", "media_type": "text", "content_base64": ""}),
            "file.media_type",
        ),
        (
            json!({"name": "a", "media_type": "text/plain\r\nX: y", "content_base64": ""}),
            "file.media_type",
        ),
        (
            json!({"name": "a", "content_base64": "no base64!"}),
            "file.content_base64",
        ),
        (
            json!({"name": "a", "content_base64": "", "path": "/etc/passwd"}),
            "file.path",
        ),
    ] {
        refuses(
            "desk_365_tickets_create_with_attachment",
            json!({"ticket_object": {"email": "first@example.com", "subject": "S"}, "file": file}),
            &[fault(at, &[])],
        )
        .await;
    }
}

async fn typed_refuses<C: Call<Api = deskhand_desk365::Api>>(call: &C) {
    let server = RawServer::start(|_, _| Reply::json(200, "{}")).await;
    let client = Client::new(desk365(&server.host())).unwrap();
    let Err(error) = client.send(call).await else {
        panic!("{} was sent", C::operation().name)
    };
    assert_eq!(
        (error.code(), error.status()),
        (Code::InvalidArguments, None),
        "{error}"
    );
    assert!(server.take().is_empty());
}

#[tokio::test]
async fn typed_calls_are_checked_as_well() {
    typed_refuses(&GetContact::new()).await;
    typed_refuses(&CreateContract::new("N", "C")).await;
    let address = UpdateTicket {
        contact_email: Some("nobody".into()),
        ..UpdateTicket::new(1)
    };
    typed_refuses(&address).await;
}
