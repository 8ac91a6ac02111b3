//! What OpenAPI documents become, and which are refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::path::{Path, PathBuf};

use deskhand_codegen::generate;
use deskhand_codegen::import::{Failure, Imported, Request, import};
use deskhand_codegen::report::Report;
use deskhand_codegen::source::Sources;
use proptest::prelude::*;
use serde_json::{Value, json};

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

fn lantern() -> Vec<u8> {
    std::fs::read(samples().join("openapi/lantern.yaml")).unwrap()
}

fn imported(document: &[u8], tags: &[&str]) -> Result<Imported, Failure> {
    let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
    import(&Request {
        name: "openapi.yaml",
        bytes: document,
        slug: "lantern",
        tags: &tags,
    })
}

fn made(document: &str) -> Imported {
    match imported(document.as_bytes(), &[]) {
        Ok(imported) => imported,
        Err(Failure::Document(why)) => panic!("{why}"),
        Err(Failure::Spec { report, sources }) => panic!("{}", report.render(&sources, false)),
    }
}

fn refused(document: &str) -> String {
    match imported(document.as_bytes(), &[]) {
        Ok(imported) => panic!("it was taken: {:#?}", imported.files),
        Err(Failure::Document(why)) => why,
        Err(Failure::Spec { report, sources }) => panic!("{}", report.render(&sources, false)),
    }
}

fn file<'a>(imported: &'a Imported, name: &str) -> &'a str {
    let path = format!("specs/lantern/{name}");
    let known: Vec<&str> = imported.files.iter().map(|(path, _)| path).collect();
    imported
        .files
        .get(&path)
        .unwrap_or_else(|| panic!("no {path} in {known:?}"))
}

/// A document of OpenAPI 3.1 with these paths, in flow style, and more at its top.
fn document(paths: &str, more: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{title: Lantern, version: '1'}}\nservers: [{{url: https://lantern.example}}]\n{more}\npaths:\n{paths}"
    )
}

/// A document in whose one operation the body's member `x` has this schema.
fn with_member(version: &str, schema: &str) -> String {
    format!(
        "openapi: {version}\ninfo: {{title: Lantern, version: '1'}}\nservers: [{{url: https://lantern.example}}]\npaths:\n  \
         /things:\n    post:\n      summary: Make a thing\n      requestBody: {{content: {{application/json: {{schema: \
         {{type: object, properties: {{x: {schema}}}}}}}}}}}\n      responses: {{'204': {{description: Done}}}}\n"
    )
}

/// What the spec says of `x`, comments above it included, and the types after it.
fn said(version: &str, schema: &str) -> (String, String) {
    let imported = made(&with_member(version, schema));
    let text = file(&imported, "things.yaml");
    let (_, after) = text.split_once("    body:\n").unwrap();
    let (member, rest) = after.split_once("    answer: {kind: empty}\n").unwrap();
    (member.to_owned(), rest.trim_start().to_owned())
}

#[test]
fn the_sample_is_what_its_document_makes() {
    let imported = made(std::str::from_utf8(&lantern()).unwrap());
    let accept = std::env::var_os("DESKHAND_ACCEPT").is_some_and(|value| value == "1");
    for (path, text) in imported.files.iter() {
        let path = samples().join(path);
        if accept {
            std::fs::write(&path, text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert_eq!(
            found,
            text,
            "{}\nto accept: DESKHAND_ACCEPT=1 cargo test -p deskhand-codegen",
            path.display()
        );
    }
    let on_disk = std::fs::read_dir(samples().join("specs/lantern")).unwrap().count();
    assert_eq!(on_disk, imported.files.len(), "a file is left of an earlier document");
    assert_eq!((imported.operations, imported.tools), (17, 17));
    let skipped: Vec<(&str, &str)> = imported
        .skipped
        .iter()
        .map(|note| (note.pointer.as_str(), note.text.as_str()))
        .collect();
    assert_eq!(
        skipped,
        [
            (
                "/paths/~1tickets~1{ticket_id}~1files~1{file_id}/get",
                "it answers application/octet-stream, which no tool can hold"
            ),
            (
                "/paths/~1hooks/post",
                "it has a server of its own: a helpdesk has one base address"
            ),
            ("/paths/~1tickets~1{ticket-id}/head", "tools are not made of HEAD"),
        ]
    );
    let shown = imported.render();
    assert!(
        shown.starts_with("17 operations taken, 17 of them tools\n\n3 left out:\n"),
        "{shown}"
    );
    assert!(
        shown.contains(
            "\n  the language has no cookie parameters: `session` is left out\n    #/paths/~1tickets/get/parameters/6\n"
        ),
        "{shown}"
    );
}

#[test]
fn every_check_of_the_spec_is_in_the_report() {
    let imported = made(std::str::from_utf8(&lantern()).unwrap());
    let mut seen = 0;
    for (_, text) in imported.files.iter() {
        // A comment may go on in the next line.
        let text = text
            .lines()
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" ")
            .replace(" # ", " ");
        for comment in text.split("CHECK: ").skip(1) {
            let told = imported
                .checks
                .iter()
                .any(|note| comment.starts_with(&format!("{} (#{})", note.text, note.pointer)));
            assert!(
                told || comment.starts_with("is looked at") || comment.starts_with("then"),
                "{comment}"
            );
            seen += usize::from(told);
        }
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn json_and_yaml_make_the_same_spec() {
    let report = Report::new();
    let tree = deskhand_codegen::yaml::parse(&"a.yaml".into(), &lantern(), &report)
        .unwrap()
        .to_json();
    assert!(report.is_empty());
    let expected = made(std::str::from_utf8(&lantern()).unwrap()).files;
    assert_eq!(made(&serde_json::to_string(&tree).unwrap()).files, expected);
    assert_eq!(made(&serde_json::to_string_pretty(&tree).unwrap()).files, expected);
    let mark = format!(
        "\u{feff}{}",
        String::from_utf8(lantern()).unwrap().replace('\n', "\r\n")
    );
    assert_eq!(made(&mark).files, expected);
}

#[test]
fn schemas_become_types() {
    let both = ["3.0.3", "3.1.0"];
    let old = ["3.0.0"];
    let new = ["3.1.1"];
    for (versions, schema, expected) in [
        (
            &both[..],
            "{type: string, description: Its name}",
            "{type: text, doc: Its name.}",
        ),
        (&both, "{type: integer}", "{type: int, doc: \"Value of `x`: X.\"}"),
        (
            &both,
            "{type: number, minimum: -1, maximum: 2, description: How much}",
            "{type: number, min: -1, max: 2, doc: How much.}",
        ),
        (
            &both,
            "{type: boolean, description: Whether}",
            "{type: bool, doc: Whether.}",
        ),
        (
            &both,
            "{type: string, format: date-time, description: When}",
            "{type: iso8601, doc: When.}",
        ),
        (
            &both,
            "{type: string, format: date, description: When}",
            "{type: date, doc: When.}",
        ),
        (
            &both,
            "{type: string, format: uuid, description: Which}",
            "{type: uuid, doc: Which.}",
        ),
        (
            &both,
            "{type: string, format: uri, description: Where}",
            "{type: url, doc: Where.}",
        ),
        (
            &both,
            "{type: string, format: email, description: Whose}",
            "{type: email, doc: Whose.}",
        ),
        (
            &both,
            "{type: string, format: password, description: Secret, example: abc}",
            "{type: text, doc: Secret., secret: true}",
        ),
        (
            &both,
            "{type: array, maxItems: 3, items: {type: integer}, description: Numbers}",
            "{type: {list: int}, max: 3, doc: Numbers.}",
        ),
        (
            &both,
            "{type: object, additionalProperties: {type: number}, description: Words}",
            "{type: {map: number}, doc: Words.}",
        ),
        (
            &both,
            "{type: object, description: Anything}",
            "{type: {map: json}, doc: Anything.}",
        ),
        (&both, "{description: Anything}", "{type: json, doc: Anything.}"),
        (
            &both,
            "{type: string, default: low, example: high, deprecated: true, description: How soon}",
            "{type: text, default: low, doc: How soon., example: high, deprecated: true}",
        ),
        (
            &both,
            "{oneOf: [{type: integer}, {type: string}], description: Which}",
            "{type: {one_of: [int, text]}, doc: Which.}",
        ),
        (
            &old,
            "{type: string, nullable: true, description: Its name}",
            "{type: text, nullable: true, doc: Its name.}",
        ),
        (
            &old,
            "{type: integer, minimum: 1, exclusiveMinimum: true, description: How many}",
            "{type: int, min: 2, doc: How many.}",
        ),
        (
            &new,
            "{type: [string, 'null'], description: Its name}",
            "{type: text, nullable: true, doc: Its name.}",
        ),
        (
            &new,
            "{anyOf: [{type: string, format: date}, {type: 'null'}], description: When}",
            "{type: date, nullable: true, doc: When.}",
        ),
        (
            &new,
            "{type: integer, exclusiveMinimum: 1, exclusiveMaximum: 9, description: How many}",
            "{type: int, min: 2, max: 8, doc: How many.}",
        ),
        (
            &new,
            "{type: [string, integer], description: Which}",
            "{type: {one_of: [text, int]}, doc: Which.}",
        ),
        (
            &new,
            "{type: string, examples: [a, b], description: Which}",
            "{type: text, doc: Which., example: a}",
        ),
    ] {
        for version in versions {
            let (member, rest) = said(version, schema);
            assert_eq!(member, format!("      x: {expected}\n"), "{version} {schema}");
            assert_eq!(rest, "", "{version} {schema}");
        }
    }
}

#[test]
fn records_and_enumerations_are_declared() {
    let (member, types) = said(
        "3.1.0",
        "{type: object, description: Where, required: [city], properties: {city: {type: string, description: City}, \
         kind: {enum: [home, work], description: Which}, zip-code: {type: string, description: Code}, \
         seen: {type: string, readOnly: true}}}",
    );
    assert_eq!(member, "      x: {type: CreateThingX, doc: Where.}\n");
    assert_eq!(
        types,
        "types:\n  CreateThingX:\n    doc: Where.\n    fields:\n      city: {type: text, required: true, doc: City.}\n      \
         kind: {type: CreateThingXKind, doc: Which.}\n      zip_code: {type: text, wire: zip-code, doc: Code.}\n      \
         seen: {type: text, access: read}\n\n  CreateThingXKind:\n    doc: Which.\n    values: {home: {}, work: {}}\n"
    );
}

#[test]
fn what_cannot_be_said_is_noted_beside_what_is_written() {
    let place = "#/paths/~1things/post/requestBody/content/application~1json/schema/properties/x";
    for (schema, why, expected) in [
        (
            "{oneOf: [{type: string}, {type: object, properties: {a: {type: string}}}], description: Which}",
            "one of several shapes: written as any value",
            "{type: json, doc: Which.}",
        ),
        (
            "{anyOf: [{type: object, properties: {a: {type: string}}}, {type: object, properties: {b: {type: string}}}], description: Which}",
            "one of several objects: written as an object with any members",
            "{type: {map: json}, doc: Which.}",
        ),
        (
            "{type: string, pattern: '^a$', description: Code}",
            "a pattern, which is not checked: said in the doc",
            "{type: text, doc: Code. Matches ^a$ as a regular expression.}",
        ),
        (
            "{type: integer, enum: [1, 2], description: Level}",
            "an enumeration of numbers: written as a number with the values in words; give them words and codes",
            "{type: int, doc: \"Level. One of: 1, 2.\"}",
        ),
        (
            "{type: string, enum: [a, A], description: Mark}",
            "values that are empty, no text or alike but for case and signs: written as text with the values in words",
            "{type: text, doc: \"Mark. One of: \\\"a\\\", \\\"A\\\".\"}",
        ),
        (
            "{type: number, minimum: 0.5, description: Share}",
            "`minimum` is no whole number and cannot be said",
            "{type: number, doc: Share.}",
        ),
        (
            "{type: string, format: binary, description: File}",
            "the content of a file outside of a multipart form: written as text",
            "{type: text, doc: File.}",
        ),
    ] {
        let imported = made(&with_member("3.1.0", schema));
        let noted = imported
            .checks
            .iter()
            .any(|note| note.text == why && format!("#{}", note.pointer) == place);
        assert!(noted, "{schema}: {:#?}", imported.checks);
        let text = file(&imported, "things.yaml");
        let (_, member) = text.split_once("    body:\n").unwrap();
        let (comments, member) = member.split_once("      x: ").unwrap();
        let comment = comments
            .lines()
            .map(|line| line.trim().trim_start_matches("# "))
            .collect::<Vec<_>>()
            .join(" ");
        assert_eq!(comment, format!("CHECK: {why} ({place})"), "{schema}");
        assert!(member.starts_with(&format!("{expected}\n")), "{schema}: {member}");
    }
}

/// HTTP method and path with the resource and the method that the tool is made of.
#[test]
fn names_come_of_paths() {
    let routes = [
        ("get", "/api/v1/tickets", "tickets", "list"),
        ("post", "/api/v1/tickets", "tickets", "create"),
        ("get", "/api/v1/tickets/{id}", "tickets", "get"),
        ("put", "/api/v1/tickets/{id}", "tickets", "replace"),
        ("patch", "/api/v1/tickets/{id}", "tickets", "update"),
        ("delete", "/api/v1/tickets/{id}", "tickets", "delete"),
        ("delete", "/api/v1/tickets", "tickets", "delete_many"),
        ("post", "/api/v1/tickets/{id}/merge", "tickets", "merge"),
        ("put", "/api/v1/tickets/{id}/close", "tickets", "close"),
        ("get", "/api/v1/tickets/count", "tickets", "count"),
        ("post", "/api/v1/tickets:search", "tickets", "search"),
        ("get", "/api/v1/tickets/{id}/messages", "ticket_messages", "list"),
        ("post", "/api/v1/tickets/{id}/messages", "ticket_messages", "create"),
        (
            "delete",
            "/api/v1/tickets/{id}/messages/{message}",
            "ticket_messages",
            "delete",
        ),
        ("put", "/api/v1/tickets/{id}/assignee", "ticket_assignee", "update"),
        ("get", "/api/v1/macros.json", "macros", "list"),
        ("post", "/api/v1/kb/articleDrafts", "kb_article_drafts", "create"),
        ("put", "/api/v1/profile", "profile", "update"),
    ];
    let paths: Value = routes.iter().fold(json!({}), |mut paths, (method, path, _, made)| {
        let list = json!({"type": "array", "items": {"type": "integer"}});
        let schema = if *made == "list" { list } else { json!({"type": "integer"}) };
        paths[*path][*method] = json!({
            "summary": "Do it", "responses": {"200": {"description": "Done", "content": {"application/json": {"schema": schema}}}},
        });
        paths
    });
    let document = json!({"openapi": "3.0.1", "servers": [{"url": "https://lantern.example"}], "paths": paths});
    let imported = made(&document.to_string());
    for (http_method, path, resource, method) in routes {
        let text = file(&imported, &format!("{resource}.yaml"));
        let expected = format!(
            "    method: {method}\n    http: {} {path}\n",
            http_method.to_uppercase()
        );
        assert!(text.contains(&expected), "{expected} is not in {text}");
    }
    assert_eq!(imported.operations, routes.len());
}

#[test]
fn lists_are_found_in_what_wraps_them() {
    let list = "{type: array, items: {type: integer}}";
    let number = "{type: integer}";
    for (path, members, expected) in [
        ("/things", format!("things: {list}"), "{list: int, at: /things}"),
        (
            "/things",
            format!("data: {list}, meta: {{type: object, properties: {{total: {number}}}}}"),
            "{list: int, at: /data, total: /meta/total}",
        ),
        (
            "/things",
            format!("total_count: {number}, items: {list}"),
            "{list: int, at: /items, total: /total_count}",
        ),
        (
            "/things",
            format!("data: {{type: object, properties: {{items: {list}, total: {number}}}}}"),
            "{list: int, at: /data/items, total: /data/total}",
        ),
        (
            "/things",
            format!("things: {list}, users: {list}"),
            "{list: int, at: /things}",
        ),
        (
            "/things",
            format!("hits: {list}, next_page: {{type: string}}"),
            "{list: int, at: /hits}",
        ),
        // One record that has a list among its members.
        (
            "/things",
            format!("id: {number}, labels: {list}"),
            "{record: GetThingAnswer}",
        ),
        ("/things/{id}", format!("things: {list}"), "{record: GetThingAnswer}"),
        (
            "/things/{id}",
            format!("thing: {{type: object, properties: {{id: {number}}}}}"),
            "{record: Thing, at: /thing}",
        ),
    ] {
        let content = format!("{{application/json: {{schema: {{type: object, properties: {{{members}}}}}}}}}");
        let imported = made(&document(
            &format!(
                "  {path}: {{get: {{summary: Get things, responses: {{'200': {{description: Done, content: {content}}}}}}}}}\n"
            ),
            "",
        ));
        let text = file(&imported, "things.yaml");
        let answer = text.lines().find_map(|line| line.strip_prefix("    answer: ")).unwrap();
        assert_eq!(answer, expected, "{path} {members}");
    }
}

#[test]
fn two_tools_never_have_one_name() {
    let imported = made(&document(
        "  /users/{id}: {get: {summary: Get a user, responses: {'204': {description: Done}}}}\n  \
         /teams/{team}/users/{id}: {get: {operationId: getMember, summary: Get a member, responses: {'204': {description: Done}}}}\n  \
         /team_users/{id}: {get: {operationId: fetchTeamUser, summary: Get one, responses: {'204': {description: Done}}}}\n",
        "",
    ));
    let text = file(&imported, "team_users.yaml");
    assert!(
        text.contains("    method: get\n    http: GET /teams/{team}/users/{id}\n"),
        "{text}"
    );
    assert!(
        text.contains("    method: fetch\n    http: GET /team_users/{id}\n"),
        "{text}"
    );
    let why = "its tool would have the name of another: the method is `fetch` instead";
    assert!(
        imported
            .checks
            .iter()
            .any(|note| note.text == why && note.pointer == "/paths/~1team_users~1{id}/get")
    );
}

#[test]
fn a_tenant_before_every_path_is_in_no_name() {
    let operation = "{summary: List, responses: {'204': {description: Done}}}";
    let paths: String = ["tickets", "tickets/{id}", "users", "users/{id}"]
        .iter()
        .map(|path| format!("  /accounts/{{account}}/{path}: {{get: {operation}}}\n"))
        .collect();
    let imported = made(&document(&paths, ""));
    assert!(file(&imported, "tickets.yaml").contains("http: GET /accounts/{account}/tickets\n"));
    assert!(file(&imported, "users.yaml").contains("http: GET /accounts/{account}/users/{id}\n"));
}

#[test]
fn arguments_are_called_as_clients_take_them() {
    let imported = made(&document(
        "  /things/{thing.id}:\n    put:\n      summary: Put a thing\n      parameters:\n        \
         - {name: thing.id, in: path, required: true, description: Which one, schema: {type: string}}\n        \
         - {name: thing_id, in: query, description: Another one, schema: {type: string}}\n        \
         - {name: next_cursor, in: query, description: Not ours, schema: {type: string}}\n      \
         requestBody: {content: {application/json: {schema: {type: object, properties: {\
         clear: {type: boolean, description: Whether}, Größe: {type: integer, description: How large}}}}}}\n      \
         responses: {'204': {description: Done}}\n",
        "",
    ));
    let text = file(&imported, "things.yaml");
    for expected in [
        "    http: PUT /things/{thing_id}\n",
        "      thing_id: {type: text, wire: thing.id, doc: Which one.}\n",
        "      thing_id_in_query: {type: text, wire: thing_id, doc: Another one.}\n",
        "      cursor: {type: text, wire: next_cursor, doc: Not ours.}\n",
        "      clear_value: {type: bool, wire: clear, doc: Whether.}\n",
        "      grosse: {type: int, wire: Größe, doc: How large.}\n",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn credentials_are_asked_for_as_schemes_need_them() {
    let one = "  /things: {get: {summary: List, responses: {'204': {description: Done}}}}\n";
    for (schemes, security, expected) in [
        (
            "a: {type: http, scheme: basic}",
            "[{a: []}]",
            "auth:\n  - scheme: a\n    basic: {username: \"{username}\", password: \"{password}\"}\n",
        ),
        (
            "a: {type: http, scheme: bearer}",
            "[{a: []}]",
            "auth:\n  - scheme: a\n    bearer: \"{token}\"\n",
        ),
        (
            "a: {type: apiKey, in: query, name: key}",
            "[{a: []}]",
            "auth:\n  - scheme: a\n    query: {key: \"{api_key}\"}\n",
        ),
        (
            "a: {type: apiKey, in: header, name: X-Id}, b: {type: apiKey, in: header, name: X-Key}",
            "[{a: [], b: []}]",
            "auth:\n  - scheme: a_b\n    headers: {X-Id: \"{api_key}\", X-Key: \"{b_api_key}\"}\n",
        ),
        (
            "a: {type: http, scheme: basic}, b: {type: apiKey, in: header, name: X-Key}",
            "[{b: []}, {a: []}]",
            "auth:\n  - scheme: b\n    headers: {X-Key: \"{api_key}\"}\n  - scheme: a\n    basic: ",
        ),
    ] {
        let more = format!("security: {security}\ncomponents: {{securitySchemes: {{{schemes}}}}}");
        let imported = made(&document(one, &more));
        let text = file(&imported, "integration.yaml");
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    let imported = made(&document(one, ""));
    let why = "no way to authenticate is described: a bearer token is taken";
    assert!(imported.checks.iter().any(|note| note.text == why));
    assert!(file(&imported, "integration.yaml").contains("    bearer: \"{token}\"\n"));
}

#[test]
fn addresses_have_variables() {
    let one = "  /things: {get: {summary: List, responses: {'204': {description: Done}}}}\n";
    for (servers, base, variables) in [
        ("[{url: 'https://a.example/v1/'}]", "https://a.example/v1", ""),
        ("[{url: /v1}]", "https://example.com/v1", ""),
        ("[{url: 'http://a.example'}]", "https://a.example", ""),
        (
            "[{url: 'https://{sub-domain}.a.example', variables: {sub-domain: {default: acme}}}]",
            "https://{sub_domain}.a.example",
            "variables:\n  sub_domain:\n",
        ),
        (
            "[{url: 'https://{host}/v1', variables: {host: {default: a.example}}}]",
            "https://a.example/v1",
            "",
        ),
        (
            "[{url: '{base}', variables: {base: {default: 'https://a.example/v2'}}}]",
            "https://a.example/v2",
            "",
        ),
    ] {
        let document = format!("openapi: 3.0.0\nservers: {servers}\npaths:\n{one}");
        let imported = made(&document);
        let text = file(&imported, "integration.yaml");
        let line = text.lines().find(|line| line.starts_with("base_url:")).unwrap();
        assert_eq!(line, format!("base_url: {base}"), "{servers}");
        assert_eq!(text.contains("variables:"), !variables.is_empty(), "{text}");
    }
}

#[test]
fn tags_choose_operations() {
    let of = |tags: &[&str]| match imported(&lantern(), tags) {
        Ok(imported) => Ok(imported.operations),
        Err(Failure::Document(why)) => Err(why),
        Err(Failure::Spec { report, sources }) => panic!("{}", report.render(&sources, false)),
    };
    assert_eq!(of(&["people"]), Ok(2));
    assert_eq!(of(&["People", "Tickets"]), Ok(13));
    assert_eq!(
        of(&["Persons"]),
        Err("no operation has the tag `Persons`; known here: `People`, `Tickets`".to_owned())
    );
}

#[test]
fn bad_documents_are_refused_with_the_place() {
    let ok = "responses: {'204': {description: Done}}";
    let deep = format!(
        "{{\"openapi\": \"3.0.0\", \"x\": {}{}}}",
        "[".repeat(200),
        "]".repeat(200)
    );
    for (document, why) in [
        ("".to_owned(), "openapi.yaml cannot be read as YAML:\n  openapi.yaml: the file says nothing"),
        ("a: b".to_owned(), "openapi.yaml is no OpenAPI document: it has no `openapi: 3.x` at its top"),
        ("[]".to_owned(), "openapi.yaml is no OpenAPI document: it has no `openapi: 3.x` at its top"),
        (
            "swagger: '2.0'\npaths: {}".to_owned(),
            "openapi.yaml is a Swagger 2.0 document (#/swagger); convert it to OpenAPI 3 first, as swagger2openapi does",
        ),
        ("openapi: 3.2.0".to_owned(), "openapi.yaml is of OpenAPI 3.2.0 (#/openapi); 3.0 and 3.1 can be read"),
        ("openapi: 3.10.0".to_owned(), "openapi.yaml is of OpenAPI 3.10.0 (#/openapi); 3.0 and 3.1 can be read"),
        ("openapi: 3.1\npaths: {}".to_owned(), "openapi.yaml describes no paths (#/paths)"),
        ("{\"openapi\": ".to_owned(), "openapi.yaml is no JSON: EOF while parsing a value at line 1 column 12"),
        (deep, "openapi.yaml is no JSON: recursion limit exceeded at line 1 column 153"),
        (
            format!("openapi: 3.0.0\npaths:\n  /a: {{get: {{parameters: [{{$ref: '#/components/parameters/b'}}], {ok}}}}}"),
            "openapi.yaml cannot be imported:\n  #/paths/~1a/get/parameters/0/$ref: `#/components/parameters/b` is not there",
        ),
        (
            format!("openapi: 3.0.0\npaths:\n  /a: {{get: {{parameters: [{{$ref: 'other.yaml#/b'}}], {ok}}}}}"),
            "openapi.yaml cannot be imported:\n  #/paths/~1a/get/parameters/0/$ref: `other.yaml#/b` lies outside of the \
             document; bundle it into one file first, as `redocly bundle` does",
        ),
        (
            "openapi: 3.0.0\npaths: {/a: {}}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}".to_owned(),
            "openapi.yaml cannot be imported:\n  \
             #/components/schemas/A/$ref: `#/components/schemas/B` leads from one reference to the next without an end\n  \
             #/components/schemas/B/$ref: `#/components/schemas/A` leads from one reference to the next without an end",
        ),
        (
            format!("openapi: 3.0.0\npaths:\n  /a: {{get: {{operationId: x, {ok}}}, post: {{operationId: x, {ok}}}}}"),
            "openapi.yaml cannot be imported:\n  #/paths/~1a/post/operationId: `x` is the operationId of #/paths/~1a/get/operationId, too",
        ),
        (
            "openapi: 3.0.0\na: &a [x]\nb: [*a, *a]\npaths: {}".to_owned(),
            "openapi.yaml cannot be read as YAML:\n  \
             openapi.yaml:2:7: anchors (`&name`) are not used here; remove the anchor, write the value where it is used\n  \
             openapi.yaml:3:5: aliases (`*name`) are not used here; write the value out\n  \
             openapi.yaml:3:9: aliases (`*name`) are not used here; write the value out",
        ),
        ("openapi: 3.0.0\npaths: {/a: {get: {responses: {}}, x: [".to_owned(), "openapi.yaml cannot be read as YAML:\n"),
        (
            "openapi: 3.0.0\npaths: {/a: {trace: {responses: {}}}}".to_owned(),
            "openapi.yaml has no operation that could be taken",
        ),
    ] {
        let found = refused(&document);
        match why.ends_with('\n') {
            true => assert!(found.starts_with(why), "{document}\n{found}"),
            false => assert_eq!(found, why, "{document}"),
        }
    }
}

#[test]
fn size_is_bounded() {
    let long = format!("openapi: 3.0.0\n# {}\n", "x".repeat(5 << 20));
    let why = "openapi.yaml has 5242898 bytes, more than the 4194304 that a document may have; keep the paths that are needed";
    assert_eq!(refused(&long), why);
    // Each schema holds the next twice: a thousand million, taken apart.
    let mut schemas = String::new();
    for at in 0..30 {
        let next = format!("{{$ref: '#/components/schemas/S{}'}}", at + 1);
        schemas.push_str(&format!(
            "    S{at}: {{oneOf: [{next}, {{type: array, items: {next}}}]}}\n"
        ));
    }
    schemas.push_str("    S30: {type: string}\n");
    let document = with_member("3.0.0", "{$ref: '#/components/schemas/S0'}") + "components:\n  schemas:\n" + &schemas;
    let found = refused(&document);
    assert_eq!(
        found,
        "openapi.yaml: its schemas unfold to more than 200000; import parts of it with --tag"
    );
}

#[test]
fn schemas_may_contain_themselves() {
    let components = "components:\n  schemas:\n    Tree: {type: object, properties: {up: {$ref: '#/components/schemas/Tree', description: Around it}, \
                      all: {type: array, description: Inside, items: {$ref: '#/components/schemas/Tree'}}}}\n    \
                      List: {type: array, items: {$ref: '#/components/schemas/List'}}\n    \
                      Self: {allOf: [{$ref: '#/components/schemas/Self'}, {type: object, properties: {a: {type: string, description: Letter}}}]}\n";
    let of = |name: &str| {
        let schema = format!("{{$ref: '#/components/schemas/{name}', description: Value}}");
        let imported = made(&(with_member("3.1.0", &schema) + components));
        file(&imported, "things.yaml").to_owned()
    };
    let tree = of("Tree");
    assert!(tree.contains("      x: {type: Tree, doc: Value.}\n"), "{tree}");
    assert!(
        tree.contains("      up: {type: Tree, doc: Around it.}\n      all: {type: {list: Tree}, doc: Inside.}\n"),
        "{tree}"
    );
    assert!(
        of("List").contains("      x: {type: {list: json}, doc: Value.}\n"),
        "{}",
        of("List")
    );
    let own = of("Self");
    assert!(own.contains("      a: {type: text, doc: Letter.}\n"), "{own}");
}

/// What can be done to a line of a document.
fn damage() -> impl Strategy<Value = (u8, usize, char)> {
    let signs = prop::sample::select(vec![
        '{', '}', '[', ']', ':', '"', '\'', '&', '#', '/', '$', '~', '%', '\u{0}', 'é', '7',
    ]);
    (0u8..6, 0usize..90, signs)
}

fn inflict(lines: &mut Vec<String>, at: usize, (kind, place, sign): (u8, usize, char)) {
    let other = (at * 7 + place) % lines.len();
    match kind {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[other].clone()),
        2 => lines.swap(at, other),
        3 => lines[at] = lines[at].chars().take(place).collect(),
        4 => {
            lines[at] = lines[at]
                .replacen("type: ", "typo: ", 1)
                .replacen("string", "object", 1)
        }
        _ => {
            let mut letters: Vec<char> = lines[at].chars().collect();
            if let Some(letter) = letters.get_mut(place) {
                *letter = sign;
            }
            lines[at] = letters.into_iter().collect();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// A damaged document is refused with a reason, or makes a spec that can be generated.
    #[test]
    fn damaged_documents_are_survived(
        hurts in prop::collection::vec((any::<prop::sample::Index>(), damage()), 1..5),
        json in any::<bool>(),
    ) {
        let mut text = String::from_utf8(lantern()).unwrap();
        if json {
            let tree = deskhand_codegen::yaml::parse(&"a.yaml".into(), text.as_bytes(), &Report::new()).unwrap().to_json();
            text = serde_json::to_string_pretty(&tree).unwrap();
        }
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (at, damage) in hurts {
            let at = at.index(lines.len());
            inflict(&mut lines, at, damage);
        }
        match imported(lines.join("\n").as_bytes(), &[]) {
            Ok(imported) => {
                let files = imported.files.iter().map(|(path, text)| (path.trim_start_matches("specs/").to_owned(), text));
                let sources = Sources::in_memory(files);
                let (_, report) = generate(&sources, "generated");
                prop_assert!(!report.has_errors(), "{}", report.render(&sources, false));
                imported.render();
            }
            Err(Failure::Document(why)) => prop_assert!(why.contains("openapi.yaml"), "{}", why),
            Err(Failure::Spec { report, sources }) => prop_assert!(false, "{}", report.render(&sources, false)),
        }
    }
}
