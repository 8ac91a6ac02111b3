//! Connected accounts over REST.

use std::time::Duration;

use deskhand::control::Options;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::plane::{Asked, DESK, Place, Plane, Vendor, answer};
use crate::toy::{client, logs};

fn fields(body: &Value) -> Vec<&str> {
    let problems = body["problems"].as_array().unwrap_or_else(|| panic!("{body}"));
    problems
        .iter()
        .map(|problem| problem["field"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_account_lives_from_its_creation_to_its_deletion() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let plane = Plane::start(&place).await;
    let body = json!({
        "integration": "Brass-Desk",
        "name": "  Acme  ",
        "tenant_id": "customer/42 ü",
        "credentials": { "api_key": "Bearer sesame-0815" },
        "variables": { "subdomain": "https://acme.brass.example/" },
        "base_url": vendor.base_url,
    });
    let created = plane
        .request(Method::POST, "/integrated-account")
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(created.status(), 201);
    let location = created.headers()["location"].to_str().unwrap().to_owned();
    let created: Value = created.json().await.unwrap();
    let id = created["id"].as_str().unwrap();
    assert_eq!(location, format!("/integrated-account/{id}"));
    assert!(id.starts_with("acc_"));
    let mut shown = created.clone();
    for time in ["created_at", "updated_at"] {
        let text = shown[time].take();
        assert!(text.as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{text}");
    }
    assert_eq!(
        shown,
        json!({
            "id": id,
            "integration": "brass-desk",
            "name": "Acme",
            "status": "active",
            "tenant_id": "customer/42 ü",
            "variables": { "subdomain": "acme" },
            "connected_by": "api_key",
            "credential_fields": ["api_key"],
            "base_url": vendor.base_url,
            "created_at": null,
            "updated_at": null,
        })
    );
    assert_eq!(plane.get(&location).await, (StatusCode::OK, created.clone()));
    let list = json!({ "result": [created], "next_cursor": null });
    assert_eq!(plane.get("/integrated-account").await, (StatusCode::OK, list));

    let (status, patched) = plane
        .patch(&location, json!({ "name": "Acme Ltd", "tenant_id": null }))
        .await;
    assert_eq!(status, 200);
    assert_eq!(
        (&patched["name"], &patched["tenant_id"]),
        (&json!("Acme Ltd"), &Value::Null)
    );
    assert_eq!(patched["variables"], json!({ "subdomain": "acme" }));
    assert_eq!(plane.patch(&location, json!({})).await, (StatusCode::OK, patched));

    assert_eq!(plane.delete(&location).await, (StatusCode::NO_CONTENT, Value::Null));
    for (method, path) in [
        (Method::GET, location.clone()),
        (Method::PATCH, location.clone()),
        (Method::DELETE, location.clone()),
        (Method::POST, format!("{location}/test")),
        (Method::GET, "/integrated-account/acc_%00".to_owned()),
        (Method::GET, "/integrated-account/%ff".to_owned()),
        (Method::GET, format!("/integrated-account/{}", "x".repeat(3000))),
    ] {
        let (status, body) = answer(plane.request(method.clone(), &path).json(&json!({}))).await;
        assert!(matches!(status.as_u16(), 400 | 404), "{method} {path}: {status}");
        assert_eq!(body["statusCode"], status.as_u16(), "{method} {path}");
    }
    assert!(vendor.take().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn what_is_wrong_with_an_account_is_told_by_field() {
    let place = Place::new();
    let plane = Plane::start(&place).await;
    let good = json!({
        "integration": DESK.slug,
        "name": "Acme",
        "credentials": { "api_key": "sesame-0815" },
        "variables": { "subdomain": "acme" },
    });
    let cases: &[(&str, Value, &[&str], &str)] = &[
        (
            "integration",
            json!("brass-dask"),
            &["integration"],
            "did you mean `brass-desk`?",
        ),
        ("integration", json!(7), &["integration"], "expected a text"),
        (
            "integration",
            json!("x".repeat(5000)),
            &["integration"],
            "known are: brass-desk, toy-shop",
        ),
        ("name", json!(" "), &["name"], "1 to 200 characters"),
        ("name", json!("x".repeat(201)), &["name"], "1 to 200 characters"),
        ("name", json!("a\u{0}b"), &["name"], "control characters"),
        ("name", Value::Null, &["name"], "expected a text, found null"),
        ("tenant_id", json!(""), &["tenant_id"], "1 to 200 characters"),
        (
            "tenant_id",
            json!("x".repeat(201)),
            &["tenant_id"],
            "1 to 200 characters",
        ),
        ("tenant_id", json!(["a"]), &["tenant_id"], "expected a text"),
        (
            "credentials",
            json!({}),
            &["credentials.api_key", "credentials.email", "credentials.password"],
            "is missing",
        ),
        (
            "credentials",
            json!({ "api_key": "" }),
            &["credentials.api_key", "credentials.email", "credentials.password"],
            "is missing",
        ),
        (
            "credentials",
            json!({ "api_key": null }),
            &["credentials.api_key", "credentials.email", "credentials.password"],
            "is missing",
        ),
        (
            "credentials",
            json!({ "api_kye": "sesame-0815" }),
            &["credentials.api_kye"],
            "did you mean `api_key`?",
        ),
        (
            "credentials",
            json!({ "whatever": "sesame-0815" }),
            &["credentials.whatever"],
            "it has api_key, email, password",
        ),
        (
            "credentials",
            json!({ "subdomain": "sesame-0815" }),
            &["credentials.subdomain"],
            "is a variable of Brass Desk: give it under `variables`",
        ),
        (
            "credentials",
            json!({ "api_key": 815_815 }),
            &["credentials.api_key"],
            "expected a text, found a number",
        ),
        (
            "credentials",
            json!({ "api_key": { "sesame-0815": 1 } }),
            &["credentials.api_key"],
            "expected a text, found an object",
        ),
        (
            "credentials",
            json!({ "api_key": "x", "email": "sesame-0815" }),
            &["credentials.email"],
            "an e-mail address",
        ),
        (
            "credentials",
            json!({ "api_key": "sesame\n0815" }),
            &["credentials.api_key"],
            "control characters",
        ),
        (
            "credentials",
            json!({ "api_key": "s".repeat(9000) }),
            &["credentials.api_key"],
            "at most 8192 bytes",
        ),
        (
            "credentials",
            json!("sesame-0815"),
            &["credentials"],
            "expected an object of texts by name, found a text",
        ),
        (
            "credentials",
            json!(["sesame-0815"]),
            &["credentials"],
            "expected an object of texts by name, found a list",
        ),
        (
            "credentials",
            Value::Null,
            &["credentials"],
            "expected an object of texts by name, found null",
        ),
        ("variables", json!({}), &["variables.subdomain"], "is missing"),
        (
            "variables",
            json!({ "subdomain": "a.b" }),
            &["variables.subdomain"],
            "letters, digits and inner hyphens",
        ),
        (
            "variables",
            json!({ "subdomain": "acme", "region": "mars" }),
            &["variables.region"],
            "one of eu, us",
        ),
        (
            "variables",
            json!({ "subdomian": "acme" }),
            &["variables.subdomian"],
            "did you mean `subdomain`?",
        ),
        (
            "variables",
            json!({ "subdomain": "acme", "api_key": "sesame-0815" }),
            &["variables.api_key"],
            "is a credential of Brass Desk: give it under `credentials`",
        ),
        (
            "variables",
            json!({ "subdomain": "acme", "api-key": "x" }),
            &["variables.api-key"],
            "did you mean `credentials.api_key`?",
        ),
        (
            "base_url",
            json!("https://evil.example/api"),
            &["base_url"],
            "credentials would be sent to https://evil.example, which is no address of Brass Desk",
        ),
        (
            "base_url",
            json!("https://acme.eu.brass.example@evil.example"),
            &["base_url"],
            "user name or password",
        ),
        (
            "base_url",
            json!("https://acme.eu.brass.example/{api_key}"),
            &["base_url"],
            "must not hold a credential",
        ),
        ("base_url", json!(""), &["base_url"], "an address"),
        (
            "base_url",
            json!(format!("http://localhost/{}", "x".repeat(3000))),
            &["base_url"],
            "at most 2048 bytes",
        ),
        ("base_url", json!("http://localhost/\u{0}"), &["base_url"], "an address"),
        ("credential", json!({}), &["credential"], "did you mean `credentials`?"),
    ];
    for (field, value, wrong, told) in cases {
        let mut body = good.clone();
        body[*field] = value.clone();
        let (status, refusal) = plane.post("/integrated-account", body).await;
        let message = refusal["message"].as_str().unwrap();
        assert_eq!(status, 400, "{field}: {message}");
        assert_eq!(fields(&refusal), *wrong, "{message}");
        assert!(message.contains(told), "{field}: {message}");
        for secret in ["sesame", "0815", "815815", "sssss"] {
            assert!(!message.contains(secret), "{message}");
        }
        assert!(message.len() < 2000, "{field}: {} bytes", message.len());
    }
    let mut many = good.clone();
    many["name"] = json!("");
    many["tenant_id"] = json!("");
    many["variables"]["nothing"] = json!("x");
    let (_, refusal) = plane.post("/integrated-account", many).await;
    assert_eq!(fields(&refusal), ["name", "tenant_id", "variables.nothing"]);
    let names = (0..101).map(|number| (format!("f{number}"), json!("x"))).collect();
    let mut crowd = good.clone();
    crowd["credentials"] = Value::Object(names);
    let (_, refusal) = plane.post("/integrated-account", crowd).await;
    assert_eq!(fields(&refusal), ["credentials"]);

    // Nothing of all that was kept; the rest of the story is told for PATCH, too.
    assert_eq!(plane.get("/integrated-account").await.1["result"], json!([]));
    let (status, account) = plane.post("/integrated-account", good).await;
    assert_eq!(status, 201);
    let path = format!("/integrated-account/{}", account["id"].as_str().unwrap());
    for (body, wrong) in [
        (json!({ "name": null }), "name"),
        (json!({ "name": "" }), "name"),
        (json!({ "status": "active" }), "status"),
        (json!({ "integration": "toy-shop" }), "integration"),
        (json!({ "tenant_id": 1 }), "tenant_id"),
        (json!({ "credentials": null }), "credentials"),
        (json!({ "credentials": { "api_key": null } }), "credentials.api_key"),
        (
            json!({ "credentials": { "email": "sesame-0815" } }),
            "credentials.email",
        ),
        (json!({ "variables": { "subdomain": null } }), "variables.subdomain"),
        (json!({ "variables": { "region": "mars" } }), "variables.region"),
        (json!({ "base_url": "https://evil.example" }), "base_url"),
    ] {
        let (status, refusal) = plane.patch(&path, body.clone()).await;
        assert_eq!(status, 400, "{body}");
        assert_eq!(fields(&refusal)[0], wrong, "{refusal}");
        assert!(!refusal.to_string().contains("sesame"), "{refusal}");
    }
    assert_eq!(plane.get(&path).await.1, account, "nothing has changed");
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused() {
    let place = Place::new();
    let plane = Plane::start(&place).await;
    let id = plane.connect("Acme", &Vendor::start().await, "sesame-0815").await;
    let account = format!("/integrated-account/{id}");
    let deep = format!(r#"{{"credentials": {}"#, r#"{"a":"#.repeat(5000));
    let large = format!(r#"{{"name": "{}"}}"#, "x".repeat(10 * 1024 * 1024));
    let bodies: &[(&str, Vec<u8>, u16, &str)] = &[
        ("application/json", b"".to_vec(), 400, "EOF"),
        ("application/json", b"{".to_vec(), 400, "EOF"),
        (
            "application/json",
            b"{\"name\": \"\xff\xfe\"}".to_vec(),
            400,
            "`name`: ",
        ),
        (
            "application/json",
            b"\"sesame-0815\"".to_vec(),
            400,
            "expected an object",
        ),
        (
            "application/json",
            b" [\"sesame-0815\"]".to_vec(),
            400,
            "expected an object",
        ),
        ("application/json", b"{\"name\": \"\\ud800\"}".to_vec(), 400, "`name`: "),
        ("application/json", deep.into_bytes(), 400, "`credentials"),
        ("application/json", large.into_bytes(), 413, "longer than 1048576 bytes"),
        ("text/plain", b"{}".to_vec(), 415, "application/json"),
    ];
    for (method, path) in [
        (Method::POST, "/integrated-account"),
        (Method::PATCH, account.as_str()),
        (Method::POST, "/api-token"),
    ] {
        for (kind, body, status, told) in bodies {
            let sent = plane
                .request(method.clone(), path)
                .header("Content-Type", *kind)
                .body(body.clone());
            let (answered, refusal) = answer(sent).await;
            assert_eq!(answered.as_u16(), *status, "{method} {path}: {refusal}");
            assert_eq!(refusal["statusCode"], *status);
            let message = refusal["message"].as_str().unwrap();
            assert!(message.contains(told), "{method} {path}: {message}");
            assert!(!message.contains("sesame") && message.len() < 2000, "{message}");
        }
    }
}

#[tokio::test]
async fn credentials_and_variables_are_merged_by_field() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let plane = Plane::start(&place).await;
    let id = plane.connect("Acme", &vendor, "first-key").await;
    let path = format!("/integrated-account/{id}");
    let asked = |authorization: &str| Asked {
        path: "/api/things".to_owned(),
        authorization: authorization.to_owned(),
    };
    plane.call(&id).await.result.unwrap();
    assert_eq!(vendor.take(), [asked("Bearer first-key")]);

    // The key stays and goes before the login; then it is cleared, and the login is used.
    let login = json!({ "credentials": { "email": "ann@example.com", "password": "open" } });
    let (status, account) = plane.patch(&path, login).await;
    assert_eq!(status, 200);
    assert_eq!(account["credential_fields"], json!(["api_key", "email", "password"]));
    plane.call(&id).await.result.unwrap();
    assert_eq!(vendor.take(), [asked("Bearer first-key")]);
    let (_, account) = plane.patch(&path, json!({ "credentials": { "api_key": null } })).await;
    assert_eq!(account["credential_fields"], json!(["email", "password"]));
    plane.call(&id).await.result.unwrap();
    // ann@example.com:open
    assert_eq!(vendor.take(), [asked("Basic YW5uQGV4YW1wbGUuY29tOm9wZW4=")]);

    let base = vendor.base_url.replace("/api", "/{region}/{subdomain}");
    let change = json!({ "base_url": base, "variables": { "region": "us" } });
    let (_, account) = plane.patch(&path, change).await;
    assert_eq!(account["variables"], json!({ "subdomain": "acme", "region": "us" }));
    plane.call(&id).await.result.unwrap();
    assert_eq!(vendor.take()[0].path, "/us/acme/things");
    let (_, account) = plane.patch(&path, json!({ "variables": { "region": null } })).await;
    assert_eq!(account["variables"], json!({ "subdomain": "acme" }));
    plane.call(&id).await.result.unwrap();
    assert_eq!(vendor.take()[0].path, "/eu/acme/things", "the default");
}

#[tokio::test]
async fn changes_at_the_same_time_do_not_undo_each_other() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let (one, two) = (Plane::start(&place).await, Plane::start(&place).await);
    let id = one.connect("Acme", &vendor, "first-key").await;
    let path = format!("/integrated-account/{id}");
    for round in 0..10 {
        let (name, tenant) = (format!("name {round}"), format!("tenant {round}"));
        let ((first, _), (second, _)) = tokio::join!(
            one.patch(&path, json!({ "name": name })),
            two.patch(&path, json!({ "tenant_id": tenant })),
        );
        // Each tries twice, so of two that meet both come through.
        assert_eq!((first.as_u16(), second.as_u16()), (200, 200));
        let (_, account) = one.get(&path).await;
        assert_eq!(
            (&account["name"], &account["tenant_id"]),
            (&json!(name), &json!(tenant))
        );
    }
    let crowd = (0..8).map(|number| {
        let plane = if number % 2 == 0 { &one } else { &two };
        plane.patch(&path, json!({ "variables": { "subdomain": format!("acme{number}") } }))
    });
    let all = futures_util::future::join_all(crowd).await;
    assert!(all.iter().any(|(status, _)| *status == 200));
    for (status, body) in all {
        assert!(status == 200 || status == 409, "{body}");
    }
}

#[tokio::test]
async fn lists_are_filtered_and_come_in_pages() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let plane = Plane::start(&place).await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(plane.connect(&format!("Account {number}"), &vendor, "first-key").await);
    }
    let toy = json!({
        "integration": "toy-shop", "name": "Toys", "tenant_id": "t 1",
        "credentials": { "api_key": "x" }, "variables": { "shop": "acme" },
    });
    let (_, toy) = plane.post("/integrated-account", toy).await;
    let toy = toy["id"].as_str().unwrap();
    let listed = async |query: &str| -> Vec<String> {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let (status, page) = plane.get(&format!("/integrated-account?{query}{cursor}")).await;
            assert_eq!(status, 200, "{page}");
            let items = page["result"].as_array().unwrap();
            found.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&next_cursor={next}"),
                None => return found,
            }
        }
    };
    let mut all = listed("limit=2").await;
    assert_eq!(all[0], toy, "newest first");
    all.sort();
    let mut wanted = ids.clone();
    wanted.push(toy.to_owned());
    wanted.sort();
    assert_eq!(all, wanted, "each once");
    assert_eq!(listed("integration=toy-shop").await, [toy]);
    assert_eq!(listed("tenant_id=t%201").await, [toy]);
    assert_eq!(listed("tenant_id=t").await, [""; 0]);
    assert_eq!(listed("status=needs_reauth").await, [""; 0]);
    assert_eq!(listed("status=active&integration=brass-desk&limit=200").await.len(), 5);

    let (_, made) = plane
        .post("/api-token", json!({ "name": "one", "account_id": ids[2] }))
        .await;
    let scoped = made["token"].as_str().unwrap();
    let (_, page) = answer(plane.request_as(scoped, Method::GET, "/integrated-account")).await;
    assert_eq!(page["result"].as_array().unwrap().len(), 1);
    assert_eq!(page["result"][0]["id"], ids[2].as_str());

    for (query, field) in [
        ("integration=toyshop", "integration"),
        ("status=broken", "status"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("next_cursor=made-up", "next_cursor"),
        ("tenant_id=a%00b", "tenant_id"),
        ("tenant=t", "tenant"),
    ] {
        let (status, refusal) = plane.get(&format!("/integrated-account?{query}")).await;
        assert_eq!(status, 400, "{query}: {refusal}");
        assert_eq!(fields(&refusal), [field], "{refusal}");
    }
    // A forged place in the list: what is in it is looked for, and not believed.
    let forged = "MSBhAGI";
    let (status, _) = plane.get(&format!("/integrated-account?next_cursor={forged}")).await;
    assert!(status.as_u16() < 500);
}

#[tokio::test]
async fn an_account_is_tested_with_one_call() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let plane = Plane::start(&place).await;
    let id = plane.connect("Acme", &vendor, "sesame-0815").await;
    let (path, test) = (
        format!("/integrated-account/{id}"),
        format!("/integrated-account/{id}/test"),
    );
    for (status, ok, code, becomes) in [
        (200, true, "ok", "active"),
        (500, false, "upstream_error", "active"),
        (401, false, "unauthorized", "needs_reauth"),
        (429, false, "rate_limited", "needs_reauth"),
        (503, false, "upstream_error", "needs_reauth"),
        (200, true, "ok", "active"),
        (403, false, "forbidden", "active"),
    ] {
        vendor.answers(status);
        let (answered, tested) = plane.post(&test, Value::Null).await;
        assert_eq!(answered, 200);
        assert_eq!(tested["ok"], ok, "{tested}");
        assert_eq!(
            (&tested["code"], &tested["status"]),
            (&json!(code), &json!(status)),
            "{tested}"
        );
        assert_eq!(tested["account_status"], becomes, "{tested}");
        assert_eq!(tested["ratelimit"]["remaining"], 7, "{tested}");
        assert_eq!(tested["operation"], "list_things");
        assert_eq!(vendor.take().len(), 1, "one call");
        assert_eq!(plane.get(&path).await.1["status"], becomes);
        assert!(!tested.to_string().contains("said-by-a-customer"), "{tested}");
    }
    let gone = json!({ "base_url": "http://127.0.0.1:9" });
    plane.patch(&path, gone).await;
    let (_, tested) = plane.post(&test, Value::Null).await;
    assert_eq!(
        (&tested["code"], &tested["status"]),
        (&json!("upstream_unreachable"), &Value::Null)
    );
    assert!(!logs().contains("said-by-a-customer"));
}

#[tokio::test]
async fn refused_credentials_are_noted_by_any_call_and_by_every_process() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let plane = Plane::start(&place).await;
    let id = plane.connect("Acme", &vendor, "first-key").await;
    let path = format!("/integrated-account/{id}");
    vendor.answers(401);
    assert!(plane.call(&id).await.is_error());
    plane.becomes(&id, "needs_reauth").await;
    vendor.answers(500);
    assert!(plane.call(&id).await.is_error());
    assert_eq!(plane.get(&path).await.1["status"], "needs_reauth", "that tells nothing");

    // Another process, one that has never called: it learns of it, and that the credentials work again.
    let other = Plane::start(&place).await;
    assert_eq!(other.get(&path).await.1["status"], "needs_reauth");
    vendor.answers(200);
    other.call(&id).await.result.unwrap();
    other.becomes(&id, "active").await;

    // The first one has seen a refusal last. It notes others all the same, once it knows what is noted now.
    vendor.answers(401);
    while plane.get(&path).await.1["status"] == "active" {
        plane.call(&id).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(plane);
    let restarted = Plane::start(&place).await;
    assert_eq!(restarted.get(&path).await.1["status"], "needs_reauth");
    let (_, patched) = restarted.patch(&path, json!({ "name": "Acme Ltd" })).await;
    assert_eq!(patched["status"], "needs_reauth", "a new name is no new key");
    let (_, patched) = restarted
        .patch(&path, json!({ "credentials": { "api_key": "second-key" } }))
        .await;
    assert_eq!(patched["status"], "active");
    restarted.call(&id).await;
    restarted.becomes(&id, "needs_reauth").await;
}

#[tokio::test]
async fn a_call_with_replaced_credentials_says_nothing_about_the_new_ones() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let plane = Plane::start(&place).await;
    let id = plane.connect("Acme", &vendor, "first-key").await;
    let path = format!("/integrated-account/{id}");
    let before = plane.control.account_access(&id, &Default::default()).await.unwrap();
    let (status, _) = plane
        .patch(&path, json!({ "credentials": { "api_key": "second-key" } }))
        .await;
    assert_eq!(status, 200);
    plane.call(&id).await.result.unwrap();
    vendor.answers(401);
    let caller = deskhand::call::Caller::unnamed(deskhand::call::Door::Mcp);
    let late = plane.calls.call(
        &before,
        caller,
        "list_all_toy_things",
        Default::default(),
        std::future::pending(),
    );
    assert!(late.await.is_error());
    assert_eq!(vendor.take().last().unwrap().authorization, "Bearer first-key");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(plane.get(&path).await.1["status"], "active");
    plane.call(&id).await;
    plane.becomes(&id, "needs_reauth").await;
}

#[tokio::test]
async fn credentials_go_where_they_may_go_whatever_the_database_says() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let operator = Options {
        allowed_base_urls: vec!["https://proxy.example:8443".parse().unwrap()],
        ..Options::default()
    };
    let plane = Plane::with(&place, operator).await;
    let id = plane.connect("Acme", &vendor, "first-key").await;
    let path = format!("/integrated-account/{id}");
    for (base_url, allowed) in [
        ("https://proxy.example:8443/brass", true),
        ("https://other.us.brass.example/v2", true),
        ("https://proxy.example", false),
        ("https://other.mars.brass.example", false),
    ] {
        let (status, told) = plane.patch(&path, json!({ "base_url": base_url })).await;
        assert_eq!(status == 200, allowed, "{base_url}: {told}");
        if allowed {
            assert_eq!(told["base_url"], base_url);
        }
    }
    let (status, _) = plane
        .patch(&path, json!({ "base_url": "https://proxy.example:8443/brass" }))
        .await;
    assert_eq!(status, 200);

    // A process whose operator does not allow it, and then a row that somebody has tampered with.
    let strict = Plane::start(&place).await;
    for round in 0..2 {
        let error = strict.call(&id).await.result.unwrap_err();
        assert_eq!(error.code().word(), "needs_reauth", "{error}");
        assert!(
            error.message().contains("credentials would be sent to https://"),
            "{error}"
        );
        let (_, tested) = strict.post(&format!("{path}/test"), Value::Null).await;
        assert_eq!(
            (&tested["ok"], &tested["code"]),
            (&json!(false), &json!("needs_reauth"))
        );
        if round == 0 {
            strict.patch(&path, json!({ "base_url": null })).await;
            let evil = format!("UPDATE accounts SET base_url = 'https://evil.example' WHERE id = '{id}'");
            place.execute(&evil).await;
            place.execute("UPDATE accounts SET revision = revision + 1").await;
            place.execute("UPDATE epoch SET value = value + 1").await;
            // Within a second every process has seen that something has changed.
            tokio::time::sleep(Duration::from_millis(1000)).await;
        }
    }
    assert!(vendor.take().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn what_is_compiled_in_is_shown() {
    let place = Place::new();
    let plane = Plane::start(&place).await;
    let (status, list) = plane.get("/integration").await;
    assert_eq!(status, 200);
    assert_eq!(
        list["result"][0],
        json!({
            "slug": "brass-desk",
            "title": "Brass Desk",
            "description": "A helpdesk of brass.",
            "documentation": "https://brass.example/docs",
            "tools_count": 2,
        })
    );
    assert_eq!(list["result"][1]["slug"], "toy-shop");
    let (status, desk) = plane.get("/integration/brass-desk").await;
    assert_eq!(status, 200);
    assert_eq!(
        desk["credentials"][0],
        json!({
            "name": "api_key",
            "title": "A setting",
            "help": "It is under the lid.",
            "form": "any text",
            "one_of": [],
            "secret": true,
            "optional": true,
            "example": "",
            "default": null,
            "environment": "DESKHAND_BRASS_DESK_API_KEY",
        })
    );
    assert_eq!(desk["variables"][1]["one_of"], json!(["eu", "us"]));
    assert_eq!(desk["variables"][1]["default"], "eu");
    assert_eq!(
        desk["authentication"],
        json!([
            { "name": "api_key", "needs": ["api_key"], "oauth2": false },
            { "name": "login", "needs": ["email", "password"], "oauth2": false },
        ])
    );
    assert_eq!(
        desk["tags"],
        json!([{ "name": "play", "description": "Things to play with." }])
    );
    assert_eq!(
        desk["tools"][0],
        json!({
            "name": "list_all_toy_things",
            "title": "A toy tool",
            "resource": "things",
            "method": "list",
            "category": "read",
            "effect": "read",
            "tags": ["things", "play"],
        })
    );
    let (status, refusal) = plane.get("/integration/brass-dask").await;
    assert_eq!(status, 404);
    assert!(
        refusal["message"]
            .as_str()
            .unwrap()
            .contains("did you mean `brass-desk`?")
    );
    for path in ["/integration", "/integration/brass-desk"] {
        let bare = client().get(format!("{}{path}", plane.base)).send().await.unwrap();
        assert_eq!(bare.status(), 401);
    }
}

#[tokio::test]
async fn secrets_are_neither_read_back_nor_logged_nor_stored_in_the_clear() {
    const SECRETS: [&str; 4] = ["opensesame-1", "opensesame-2", "opensesame-3", "opensesame-4"];
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let plane = Plane::start(&place).await;
    let mut answers = String::new();
    let mut note = |(_, body): (StatusCode, Value)| answers.push_str(&body.to_string());
    let id = plane.connect("Acme", &vendor, SECRETS[0]).await;
    let path = format!("/integrated-account/{id}");
    note(plane.get(&path).await);
    note(plane.get("/integrated-account").await);
    note(plane.post(&format!("{path}/test"), Value::Null).await);
    let login = json!({ "email": "ann@example.com", "password": SECRETS[1] });
    note(plane.patch(&path, json!({ "credentials": login })).await);
    let wrong = json!({ "credentials": { "email": SECRETS[2], "api_key": SECRETS[2], "nothing": SECRETS[2] } });
    note(plane.patch(&path, wrong).await);
    note(plane.patch(&path, json!({ "credentials": SECRETS[2] })).await);
    note(
        plane
            .patch(
                &path,
                json!({ "credentials": { "api_key": [SECRETS[3]] }, "name": [SECRETS[3]] }),
            )
            .await,
    );
    note(
        plane
            .patch(
                &path,
                json!({ "base_url": format!("https://{}@evil.example", SECRETS[3]) }),
            )
            .await,
    );
    note(
        plane
            .patch(&path, json!({ "base_url": format!("{}://evil.example", SECRETS[3]) }))
            .await,
    );
    vendor.answers(401);
    note(plane.post(&format!("{path}/test"), Value::Null).await);
    plane.call(&id).await;
    let row = format!("{:?}", plane.control.account(&id).await.unwrap());
    let stored = place.bytes();
    let stored = String::from_utf8_lossy(&stored);
    assert!(stored.contains(&id), "the files of the database are looked at");
    let logs = logs();
    assert!(logs.contains(&id), "the logs are looked at");
    for secret in SECRETS {
        for (place, text) in [
            ("answers", &*answers),
            ("logs", &*logs),
            ("database", &*stored),
            ("Debug", &*row),
        ] {
            assert!(!text.contains(secret), "{secret} is in the {place}");
        }
    }
    assert!(
        vendor
            .take()
            .iter()
            .any(|asked| asked.authorization == format!("Bearer {}", SECRETS[0]))
    );
}
