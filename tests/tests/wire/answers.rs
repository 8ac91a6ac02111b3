//! Answers that the vendor's own document leaves open, and refusals by the vendor.

use deskhand_desk365::{
    Client, CreateTicketReply, DeleteKbArticle, DeleteKbFolder, GetTicket, ListKbArticles, ListTickets, UpdateTicket,
};
use deskhand_runtime::Code;
use deskhand_tests::server::{RawServer, Reply};
use deskhand_tests::{desk365, tool};
use serde_json::json;

/// Deletions are declared to answer a text; the example is an object with a message.
#[tokio::test]
async fn deletions_may_answer_a_text_or_nothing() {
    let article = "delete_a_desk_365_kb_article_by_id";
    let folder = "delete_a_desk_365_kb_folder_by_id";
    for (body, article_answers, folder_answers) in [
        (
            r#""Deleted successfully""#,
            json!({"result": "Deleted successfully"}),
            json!({"result": "Deleted successfully"}),
        ),
        (
            "",
            json!({"id": "A+B"}),
            json!({"id": {"category_name": "Q&A", "folder_name": "F"}}),
        ),
        (
            "null",
            json!({"id": "A+B"}),
            json!({"id": {"category_name": "Q&A", "folder_name": "F"}}),
        ),
    ] {
        let server = RawServer::start(move |_, _| Reply::json(200, body)).await;
        let connection = desk365(&server.host());
        let outcome = tool(&connection, article, json!({"article_name": "A+B"})).await;
        assert_eq!(outcome.to_structured(), article_answers, "{body}");
        let arguments = json!({"category_name": "Q&A", "folder_name": "F"});
        let outcome = tool(&connection, folder, arguments).await;
        assert_eq!(outcome.to_structured(), folder_answers, "{body}");
        assert_eq!(server.take().len(), 2);
    }
}

/// What was deleted is not told as failed because the vendor says little.
#[tokio::test]
async fn typed_deletions_succeed_whatever_the_answer_is() {
    for body in ["", "{}", "null", "\"Deleted successfully\""] {
        let server = RawServer::start(move |_, _| Reply::json(200, body)).await;
        let client = Client::new(desk365(&server.host())).unwrap();
        let answer = client.send(&DeleteKbArticle::new("A")).await;
        assert!(answer.is_ok(), "{body:?}: {answer:?}");
        let answer = client.send(&DeleteKbFolder::new("C", "F")).await;
        assert!(answer.is_ok(), "{body:?}: {answer:?}");
    }
}

/// Changes too: the vendor's status tells whether they were made.
#[tokio::test]
async fn typed_changes_succeed_with_an_empty_answer() {
    let server = RawServer::start(|_, _| Reply::json(200, "")).await;
    let client = Client::new(desk365(&server.host())).unwrap();
    assert_eq!(client.send(&UpdateTicket::new(1)).await.unwrap().ticket_number, None);
    assert_eq!(client.send(&CreateTicketReply::new(1, "x")).await.unwrap().body, None);
    // A read that answers nothing has failed.
    let error = client.send(&GetTicket::new(1)).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamInvalidResponse, "{error}");
    let error = client.send(&ListTickets::new()).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamInvalidResponse, "{error}");
}

/// Nearly every member of an answer can be null.
#[tokio::test]
async fn members_may_be_null_or_absent() {
    let ticket = json!({"ticket_number": null, "status": null, "priority": null, "custom_fields": null,
        "attachments": null, "watchers": null, "form_is_deleted": null, "survey_rating": null, "associated_assets": null});
    let text = ticket.to_string();
    let server = RawServer::start(move |_, _| Reply::json(200, text.clone())).await;
    let connection = desk365(&server.host());
    let outcome = tool(
        &connection,
        "get_single_desk_365_ticket_by_id",
        json!({"ticket_number": 1}),
    )
    .await;
    assert_eq!(outcome.to_structured(), ticket);
    let read = Client::new(connection).unwrap().send(&GetTicket::new(1)).await.unwrap();
    assert_eq!((read.status, read.attachments), (None, None));
}

/// Errors of the vendor in both of its forms: its object, and whatever a gateway sends.
#[tokio::test]
async fn refusals_are_handed_over_and_sent_once() {
    let own = |status: u16| json!({"status": status, "error": "Oops", "message": "It went wrong."}).to_string();
    for (status, word) in [
        (400, "upstream_error"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not_found"),
        (405, "upstream_error"),
        (414, "payload_too_large"),
        (429, "rate_limited"),
        (500, "upstream_error"),
    ] {
        for body in [own(status), String::new(), "<html>Bad gateway</html>".to_owned()] {
            let server = RawServer::start({
                let body = body.clone();
                move |_, _| Reply::json(status, body.clone()).header("X-Rate-Limit-Remaining", "0")
            })
            .await;
            let connection = desk365(&server.host());
            let outcome = tool(&connection, "list_all_desk_365_kb_articles", json!({})).await;
            let error = &outcome.to_structured()["error"];
            assert_eq!(
                (&error["status"], &error["code"], &error["origin"]),
                (&json!(status), &json!(word), &json!("upstream")),
                "{error:#}"
            );
            assert_eq!(error["ratelimit"]["remaining"], 0, "{error:#}");
            if body.starts_with('{') {
                assert_eq!(error["upstream"]["message"], "It went wrong.", "{error:#}");
                assert!(
                    error["message"].as_str().unwrap().contains("It went wrong."),
                    "{error:#}"
                );
            }
            assert_eq!(server.take().len(), 1);
            let client = Client::new(connection).unwrap();
            let error = client.send(&ListKbArticles::new()).await.unwrap_err();
            assert_eq!((error.status(), error.code().word()), (Some(status), word));
            assert_eq!(server.take().len(), 1);
        }
    }
}
