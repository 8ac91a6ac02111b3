//! Paths of Crisp's knowledge base: one argument that keeps its slashes. What no address can hold is refused before
//! anything is sent, by every tool that takes a path and by the typed client.
//!
//! Paths that can be sent, however odd, are wire cases (`tests/wire/crisp/*_helpdesk_tree*.txt`).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use deskhand_crisp::{
    Api, Client, CreateHelpdeskTree, DeleteHelpdeskTree, GetHelpdeskTree, HelpdeskContentType, INTEGRATION,
    SaveHelpdeskTreeContent,
};
use deskhand_runtime::Code;
use deskhand_runtime::client::Call;
use deskhand_tests::server::{RawServer, Reply};
use deskhand_tests::{cases, crisp, tool};
use serde_json::Value;

/// Empty levels, dot segments with either slash, and what breaks a line.
const REFUSED: [&str; 21] = [
    "",
    "/",
    "//",
    ".",
    "..",
    "./a",
    "../a",
    "/../a",
    "a/.",
    "a/..",
    "a/./b",
    "a/../b",
    "a/../../../../website",
    "a//b",
    "//evil.example/a",
    "a//",
    "..\\a",
    "a\\..\\b",
    "a\nb",
    "a\r\nHost: evil.example",
    "a\0b",
];

async fn server() -> RawServer {
    RawServer::start(|_, _| Reply::json(200, r#"{"error": false, "reason": "resolved", "data": {}}"#)).await
}

#[tokio::test]
async fn tools_refuse_paths_that_no_address_can_hold() {
    let server = server().await;
    let account = crisp(&server.host());
    let written = cases::read("crisp");
    let mut tools = 0;
    for operation in INTEGRATION.operations {
        if !operation.path.ends_with("/{path*}") {
            continue;
        }
        tools += 1;
        let case = written.iter().find(|case| case.operation == operation.name).unwrap();
        // As it is written, it goes through.
        let outcome = tool(&account, &case.tool, case.arguments.clone()).await;
        assert!(!outcome.is_error(), "{}: {outcome:?}", case.tool);
        assert_eq!(server.take().len(), 1, "{}", case.tool);
        for path in REFUSED {
            let mut arguments = case.arguments.clone();
            arguments["path"] = Value::from(path);
            let outcome = tool(&account, &case.tool, arguments).await;
            assert_eq!(server.take(), [], "{}: {path:?} was sent", case.tool);
            let answer = outcome.to_structured();
            let found = (
                &answer["error"]["code"],
                answer["error"]["arguments"].as_array().unwrap(),
            );
            assert_eq!(found.0, "invalid_arguments", "{}: {path:?}", case.tool);
            assert_eq!(found.1.len(), 1, "{}: {path:?}: {answer}", case.tool);
            assert_eq!(found.1[0]["argument"], "path", "{}: {path:?}: {answer}", case.tool);
        }
    }
    assert_eq!(tools, 9, "tools that take a path");
}

/// The code of the refusal; nothing was sent.
async fn refused<C: Call<Api = Api>>(server: &RawServer, call: &C) -> Code {
    let client = Client::new(crisp(&server.host())).unwrap();
    let refusal = client.send_with_limits(call).await.map(|response| response.status);
    assert_eq!(server.take(), []);
    refusal.unwrap_err().code()
}

#[tokio::test]
async fn the_typed_client_refuses_them_too() {
    let server = server().await;
    let section = || HelpdeskContentType::Articles;
    for path in REFUSED {
        let refusals = [
            refused(&server, &GetHelpdeskTree::new("en", section(), path)).await,
            refused(&server, &CreateHelpdeskTree::new("en", section(), path)).await,
            refused(&server, &SaveHelpdeskTreeContent::new("en", section(), path, "text")).await,
            refused(&server, &DeleteHelpdeskTree::new("en", section(), path)).await,
        ];
        assert_eq!(refusals, [Code::InvalidArguments; 4], "{path:?}");
    }
}

/// The language and the section before the path are one segment each, also where Rust takes any text for them.
#[tokio::test]
async fn nothing_before_the_path_holds_a_slash() {
    let server = server().await;
    for text in [
        "..",
        ".",
        "",
        "en/..",
        "en/articles/x",
        "en?x",
        "en#x",
        "../../..",
        "e\\..\\n",
    ] {
        let call = GetHelpdeskTree::new(text, HelpdeskContentType::Articles, "a");
        assert_eq!(refused(&server, &call).await, Code::InvalidArguments, "{text:?}");
        let call = GetHelpdeskTree::new("en", HelpdeskContentType::Unknown(text.into()), "a");
        assert_eq!(refused(&server, &call).await, Code::InvalidArguments, "{text:?}");
    }
}
