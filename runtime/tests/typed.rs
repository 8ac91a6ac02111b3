//! Typed calls: what generated crates consist of, written by hand.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod vendor;

use std::pin::Pin;
use std::task::{Context, Poll};

use deskhand_runtime::client::{Call, Client, Connection, FromAnswer, Page, Redirect};
use deskhand_runtime::error::Code;
use deskhand_runtime::operation::{
    Answer, AnswerKind, Api, Body, Effect, Integration, Operation, PageSize, PageStyle, Pages,
};
use deskhand_runtime::record::{Extra, Names, Patch, Reader, Record, Row, Writer, from_arguments, to_object};
use deskhand_runtime::record_traits;
use deskhand_runtime::shape::{Place, QueryStyle, Shape, Table, Unknown};
use serde_json::json;
use vendor::{ANSWER, INTEGRATION, OPERATION, Server, account, answer, connect, ok, table};

enum Acme {}

impl Api for Acme {
    fn integration() -> &'static Integration {
        &INTEGRATION
    }
}

enum Other {}

impl Api for Other {
    fn integration() -> &'static Integration {
        static OTHER: Integration = Integration {
            slug: "other",
            title: "Other",
            ..INTEGRATION_BASE
        };
        &OTHER
    }
}

const INTEGRATION_BASE: Integration = Integration {
    slug: "",
    title: "",
    doc: "",
    documentation: "",
    base_url: "https://other.example",
    variables: &[],
    credentials: &[],
    schemes: &[],
    headers: &[],
    limits: deskhand_runtime::operation::LimitRules {
        remaining: None,
        limit: None,
        reset: None,
        used_of_limit: None,
        retry_after: None,
        throttle_statuses: &[],
        quota_statuses: &[],
        doc: "",
    },
    errors: deskhand_runtime::operation::ErrorRules {
        code: &[],
        message: &[],
        failure_flag: None,
        hints: &[],
    },
    probe: None,
    dynamic_fields: &[],
    tags: &[],
    operations: &[],
};

#[derive(Clone, PartialEq)]
struct Thing {
    id: i64,
    note: Option<String>,
    extra: Extra,
}

const THING_ID: Row<i64> = Row::new("id", "");
const THING_NOTE: Row<Option<String>> = Row::new("note", "");
static THING: Table = Table {
    unknown: Unknown::Keep,
    ..table("Thing", &[THING_ID.field, THING_NOTE.field])
};

impl Record for Thing {
    fn table() -> &'static Table {
        &THING
    }

    fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            id: reader.take(&THING_ID),
            note: reader.take(&THING_NOTE),
            extra: reader.rest(),
        }
    }

    fn write(&self, writer: &mut Writer) {
        writer.put(&THING_ID, &self.id);
        writer.put(&THING_NOTE, &self.note);
        writer.rest(&self.extra);
    }
}

/// A call with two optional arguments, answered in a way that the test chooses.
macro_rules! call {
    ($name:ident, $answer:ty, { $($member:ident: $value:expr),* $(,)? }) => {
        #[derive(Clone, Default)]
        struct $name {
            word: Option<String>,
            note: Patch<String>,
            limit: Option<i64>,
        }

        const _: () = {
            const WORD: Row<Option<String>> = Row::new("word", "").place(Place::Query(QueryStyle::Repeat));
            const NOTE: Row<Patch<String>> = Row::new("note", "");
            const LIMIT: Row<Option<i64>> = Row::new("limit", "").place(Place::Query(QueryStyle::Repeat));
            static TABLE: Table = table(stringify!($name), &[WORD.field, NOTE.field, LIMIT.field]);
            static OPERATION_OF: Operation = Operation {
                name: stringify!($name),
                input: || &TABLE,
                $($member: $value,)*
                ..OPERATION
            };

            impl Record for $name {
                fn table() -> &'static Table {
                    &TABLE
                }

                fn read(reader: &mut Reader<'_>) -> Self {
                    Self {
                        word: reader.take(&WORD),
                        note: reader.take(&NOTE),
                        limit: reader.take(&LIMIT),
                    }
                }

                fn write(&self, writer: &mut Writer) {
                    writer.put(&WORD, &self.word);
                    writer.put(&NOTE, &self.note);
                    writer.put(&LIMIT, &self.limit);
                }
            }

            impl Call for $name {
                type Api = Acme;
                type Answer = $answer;

                fn operation() -> &'static Operation {
                    &OPERATION_OF
                }
            }
        };
    };
}

const RECORD: Answer = Answer {
    at: &["/data", ""],
    shape: Shape::record(Thing::table),
    ..ANSWER
};
const LIST: Answer = Answer {
    kind: AnswerKind::List,
    at: &["/data"],
    total: Some("/total"),
    ..RECORD
};

call!(GetThing, Thing, { answer: RECORD });
call!(FindThing, Option<Thing>, { answer: Answer { may_be_empty: true, ..RECORD } });
call!(SetNote, Thing, { http_method: "PATCH", body: Body::Json, effect: Effect::Write, answer: RECORD });
call!(ListThings, Page<Thing>, {
    answer: LIST,
    pages: Some(Pages {
        style: PageStyle::Cursor { field: "word", next: "/next" },
        size: Some(PageSize { field: "limit", default: 2, min: 1, max: 10, allowed: &[] }),
        cap: 0,
    }),
});
call!(AllThings, Vec<Thing>, { answer: Answer { kind: AnswerKind::Record, at: &[""], ..ANSWER } });
call!(Ping, String, { answer: Answer { kind: AnswerKind::Text, ..ANSWER } });
call!(Touch, (), { answer: Answer { kind: AnswerKind::Empty, ..ANSWER } });
call!(HasThing, bool, { answer: Answer { kind: AnswerKind::Exists, ..ANSWER } });
call!(Download, Redirect, { answer: Answer { kind: AnswerKind::Redirect, ..ANSWER } });

record_traits!(Thing);

fn client(server: &Server) -> Client<Acme> {
    Client::new(connect(server)).unwrap()
}

fn thing(id: i64) -> Thing {
    Thing {
        id,
        note: None,
        extra: Extra::new(),
    }
}

async fn sent<C: Call<Api = Acme> + Default>(status: u16, headers: &[(&str, &str)], body: &str) -> C::Answer
where
    C::Answer: FromAnswer,
{
    let headers: Vec<(String, String)> = headers
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    let body = body.to_owned();
    let server = Server::always(move || {
        let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        answer(status, &headers, &body)
    })
    .await;
    client(&server).send(&C::default()).await.unwrap()
}

#[tokio::test]
async fn answers_of_every_kind() {
    let whole = sent::<GetThing>(200, &[], r#"{"data": {"id": "5", "note": null, "cf_x": [1]}}"#).await;
    assert_eq!(
        (whole.id, whole.note, whole.extra["cf_x"].clone()),
        (5, None, json!([1]))
    );
    assert_eq!(sent::<FindThing>(204, &[], "").await.map(|thing| thing.id), None);
    assert_eq!(
        sent::<FindThing>(200, &[], r#"{"id": 4}"#).await.map(|thing| thing.id),
        Some(4)
    );
    assert_eq!(
        sent::<AllThings>(200, &[], r#"[{"id": 1}, {"id": 2}]"#).await,
        [thing(1), thing(2)]
    );
    assert_eq!(sent::<Ping>(200, &[], "pong").await, "pong");
    sent::<Touch>(204, &[], "").await;
    assert!(!sent::<HasThing>(404, &[], "").await);
    let redirect = sent::<Download>(302, &[("Location", "https://files.example/a?sig=1")], "").await;
    assert_eq!(redirect.location, "https://files.example/a?sig=1");
    assert!(!format!("{redirect:?}").contains("sig"));
}

#[tokio::test]
async fn absent_null_and_value_are_three_things_on_the_wire() {
    let server = Server::always(|| ok(&json!({"id": 1}))).await;
    let client = client(&server);
    for note in [Patch::Absent, Patch::Clear, Patch::Value("n".to_owned())] {
        let call = SetNote {
            note,
            ..SetNote::default()
        };
        client.send(&call).await.unwrap();
    }
    let bodies: Vec<_> = server.seen().iter().map(|seen| seen.text().to_owned()).collect();
    assert_eq!(bodies, ["{}", r#"{"note":null}"#, r#"{"note":"n"}"#]);
}

#[tokio::test]
async fn status_and_limits_come_along() {
    let server = Server::always(|| answer(206, &[("X-Left", "3")], r#"{"id": 1}"#)).await;
    let response = client(&server).send_with_limits(&GetThing::default()).await.unwrap();
    assert_eq!((response.status, response.value.id), (206, 1));
    assert_eq!(response.rate_limit.unwrap().remaining, Some(3));
}

#[tokio::test]
async fn an_answer_of_another_type_is_an_error() {
    let server = Server::always(|| answer(200, &[], r#"{"data": {"id": "confidential"}}"#)).await;
    let error = client(&server).send(&GetThing::default()).await.unwrap_err();
    assert_eq!(
        (error.code(), error.status()),
        (Code::UpstreamInvalidResponse, Some(200))
    );
    assert_eq!(
        error.message(),
        "HTTP 200: the answer is not of its type: id: expected a whole number, found text."
    );
}

fn pages() -> impl std::future::Future<Output = Server> {
    Server::start(|number, _| {
        ok(&[
            json!({"data": [{"id": 1}, {"id": 2}], "next": "b", "total": 3}),
            json!({"data": [{"id": 3}], "next": null, "total": 3}),
        ][number % 2])
    })
}

#[tokio::test]
async fn pages_are_fetched_as_they_are_asked_for() {
    let server = pages().await;
    let mut pager = client(&server).pages(&ListThings {
        limit: Some(2),
        ..ListThings::default()
    });
    assert!(server.seen().is_empty());
    let first = pager.next().await.unwrap().unwrap();
    assert_eq!((first.items, first.total), (vec![thing(1), thing(2)], Some(3)));
    assert_eq!(server.seen().len(), 1);
    let second = pager.next().await.unwrap().unwrap();
    assert_eq!((second.items, second.next), (vec![thing(3)], None));
    assert!(pager.next().await.is_none() && pager.next().await.is_none());
    let targets: Vec<_> = server.seen().iter().map(|seen| seen.target.clone()).collect();
    assert!(targets[0].starts_with("/things?limit=2&key="), "{targets:?}");
    assert!(targets[1].starts_with("/things?word=b&limit=2&key="), "{targets:?}");
}

#[tokio::test]
async fn pages_are_a_stream_that_can_be_sent_to_other_tasks() {
    let server = pages().await;
    let pager = client(&server).pages(&ListThings::default());
    let ids = tokio::spawn(async move {
        let mut pager = Box::pin(pager);
        let mut ids = Vec::new();
        while let Some(page) = std::future::poll_fn(|task| poll_stream(pager.as_mut(), task)).await {
            ids.extend(page.unwrap().items.into_iter().map(|thing| thing.id));
        }
        ids
    });
    assert_eq!(ids.await.unwrap(), [1, 2, 3]);
}

fn poll_stream<S: futures_core::Stream>(stream: Pin<&mut S>, task: &mut Context<'_>) -> Poll<Option<S::Item>> {
    stream.poll_next(task)
}

#[tokio::test]
async fn a_list_can_be_taken_up_again() {
    let server = pages().await;
    let client = client(&server);
    let first = client.send(&ListThings::default()).await.unwrap();
    let mut pager = client.pages_from(&ListThings::default(), first.next);
    assert_eq!(pager.next().await.unwrap().unwrap().items, [thing(3)]);
    assert!(pager.next().await.is_none());
}

#[tokio::test]
async fn an_error_ends_the_pages() {
    let server = Server::always(|| answer(429, &[], "")).await;
    let mut pager = client(&server).pages(&ListThings::default());
    assert_eq!(pager.next().await.unwrap().unwrap_err().code(), Code::RateLimited);
    assert!(pager.next().await.is_none());
    server.only();
}

#[tokio::test]
async fn a_dropped_page_is_dropped_at_the_vendor() {
    let server = Server::always(|| vendor::Reply::Silence).await;
    let mut pager = client(&server).pages(&ListThings::default());
    tokio::select! {
        _ = pager.next() => panic!("the vendor is silent"),
        () = server.came.notified() => {}
    }
    drop(pager);
    server.gone.notified().await;
}

#[test]
fn a_client_takes_connections_to_its_own_helpdesk_only() {
    let connection: Connection = account("https://acme.example").build().unwrap();
    assert!(Client::<Acme>::new(connection.clone()).is_ok());
    let error = Client::<Other>::new(connection).unwrap_err();
    assert_eq!(error.message(), "A connection to Acme cannot serve a client of Other.");
    assert!(Client::<Other>::builder().build().is_ok());
}

#[test]
fn calls_can_be_sent_to_other_tasks() {
    fn is_send<T: Send>(_: T) {}
    let client = Client::<Acme>::new(account("https://acme.example").build().unwrap()).unwrap();
    is_send(client.send(&GetThing::default()));
    is_send(client.pages(&ListThings::default()));
    is_send(client);
}

/// Two members of one name on the wire, as a path and a body may have, and a record inside.
#[derive(Clone, PartialEq)]
struct Move {
    path: String,
    target: Option<Inner>,
    both: Vec<Inner>,
}

impl Move {
    const PATH: Row<String> = Row::new("path", "").path();
    const TARGET: Row<Option<Inner>> = Row::new("target", "").wire("path");
    const BOTH: Row<Vec<Inner>> = Row::new("both", "");
}

impl Record for Move {
    fn table() -> &'static Table {
        static TABLE: Table = Table {
            name: "Move",
            doc: "",
            fields: &[Move::PATH.field, Move::TARGET.field, Move::BOTH.field],
            rules: &[],
            unknown: Unknown::Refuse,
        };
        &TABLE
    }
    fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            path: reader.take(&Self::PATH),
            target: reader.take(&Self::TARGET),
            both: reader.take(&Self::BOTH),
        }
    }
    fn write(&self, writer: &mut Writer) {
        writer.put(&Self::PATH, &self.path);
        writer.put(&Self::TARGET, &self.target);
        writer.put(&Self::BOTH, &self.both);
    }
}

#[derive(Clone, PartialEq)]
struct Inner {
    to: String,
}

impl Inner {
    const TO: Row<String> = Row::new("to", "").wire("destination");
}

impl Record for Inner {
    fn table() -> &'static Table {
        static TABLE: Table = Table {
            name: "Inner",
            doc: "",
            fields: &[Inner::TO.field],
            rules: &[],
            unknown: Unknown::Refuse,
        };
        &TABLE
    }
    fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            to: reader.take(&Self::TO),
        }
    }
    fn write(&self, writer: &mut Writer) {
        writer.put(&Self::TO, &self.to);
    }
}

record_traits! { Move, Inner }

#[test]
fn arguments_are_read_by_the_names_of_callers() {
    let json = json!({"path": "a", "target": {"to": "b"}, "both": [{"to": "c"}]});
    let arguments = json.as_object().unwrap().clone();
    let call: Move = from_arguments(arguments.clone()).unwrap();
    let to = |text: &str| Inner { to: text.into() };
    let expected = Move {
        path: "a".into(),
        target: Some(to("b")),
        both: vec![to("c")],
    };
    assert!(call == expected, "{call:?}");
    assert_eq!(to_object(&call, Names::Arguments), arguments);
    // Names of the wire are not theirs.
    let fault = from_arguments::<Inner>(json!({"destination": "b"}).as_object().unwrap().clone()).unwrap_err();
    assert_eq!(fault.path, "to");
    let fault = from_arguments::<Move>(json!({"path": "a", "both": [{"to": 1}]}).as_object().unwrap().clone());
    assert_eq!(fault.unwrap_err().path, "both.0.to");
}
