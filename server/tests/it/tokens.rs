//! API tokens over REST.

use deskhand::control::Options;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::plane::{Place, Plane, Vendor, answer};
use crate::toy::{client, logs};

#[tokio::test]
async fn a_token_is_shown_once_and_opens_until_it_is_revoked() {
    let place = Place::new();
    let (plane, other) = (Plane::start(&place).await, Plane::start(&place).await);
    let (status, made) = plane
        .post(
            "/api-token",
            json!({ "name": "ci", "expires_at": "2100-01-01T00:00:00+01:00" }),
        )
        .await;
    assert_eq!(status, 201);
    let (id, token) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap().to_owned());
    assert!(id.starts_with("tok_") && token.starts_with("dh_"));
    assert_eq!(made["expires_at"], "2099-12-31T23:00:00.000Z");
    let (_, list) = plane.get("/api-token").await;
    let listed = list["result"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["id"] == id)
        .unwrap();
    let mut members: Vec<&str> = listed.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["account_id", "created_at", "expires_at", "id", "name"]);
    assert!(!list.to_string().contains("dh_"));

    for process in [&plane, &other] {
        let (status, _) = answer(process.request_as(&token, Method::GET, "/integration")).await;
        assert_eq!(status, 200);
    }
    assert_eq!(
        other.delete(&format!("/api-token/{id}")).await,
        (StatusCode::NO_CONTENT, Value::Null)
    );
    for process in [&plane, &other] {
        let (status, _) = answer(process.request_as(&token, Method::GET, "/integration")).await;
        assert_eq!(status, 401);
    }
    assert_eq!(plane.delete(&format!("/api-token/{id}")).await.0, 404);
    let stored = place.bytes();
    let stored = String::from_utf8_lossy(&stored);
    assert!(stored.contains(id) && !stored.contains(&token) && !stored.contains(&token[3..]));
    assert!(!logs().contains(&token[3..]));
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_told_by_field() {
    let place = Place::new();
    let plane = Plane::start(&place).await;
    let soon = (jiff::Timestamp::now() + jiff::SignedDuration::from_secs(30)).to_string();
    for (body, field) in [
        (json!({}), "name"),
        (json!({ "name": "" }), "name"),
        (json!({ "name": 1 }), "name"),
        (json!({ "name": "x", "account_id": "acc_none" }), "account_id"),
        (json!({ "name": "x", "account_id": 7 }), "account_id"),
        (json!({ "name": "x", "expires_at": "tomorrow" }), "expires_at"),
        (json!({ "name": "x", "expires_at": soon }), "expires_at"),
        (
            json!({ "name": "x", "expires_at": "1970-01-01T00:00:00Z" }),
            "expires_at",
        ),
        (json!({ "name": "x", "expires_at": 4_102_444_800_u32 }), "expires_at"),
        (json!({ "name": "x", "account": "acc_1" }), "account"),
    ] {
        let (status, refusal) = plane.post("/api-token", body.clone()).await;
        assert_eq!(status, 400, "{body}");
        assert_eq!(refusal["problems"][0]["field"], field, "{refusal}");
    }
}

#[tokio::test]
async fn a_token_of_one_account_reaches_nothing_else() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let plane = Plane::start(&place).await;
    let own = plane.connect("Own", &vendor, "first-key").await;
    let others = plane.connect("Other", &vendor, "first-key").await;
    let (_, made) = plane
        .post("/api-token", json!({ "name": "own", "account_id": own }))
        .await;
    assert_eq!(made["account_id"], own.as_str());
    let token = made["token"].as_str().unwrap();
    let ask = |method: Method, path: String, body: Value| answer(plane.request_as(token, method, &path).json(&body));
    let path = |id: &str| format!("/integrated-account/{id}");
    for (method, path, body, status) in [
        (Method::GET, path(&own), Value::Null, 200),
        (Method::PATCH, path(&own), json!({ "name": "Mine" }), 200),
        (Method::POST, path(&own) + "/test", Value::Null, 200),
        (Method::GET, "/integration".to_owned(), Value::Null, 200),
        (Method::GET, path(&others), Value::Null, 401),
        (Method::PATCH, path(&others), json!({ "name": "Mine" }), 401),
        (Method::DELETE, path(&others), Value::Null, 401),
        (Method::POST, path(&others) + "/test", Value::Null, 401),
        (Method::GET, path("acc_none"), Value::Null, 401),
        (
            Method::POST,
            "/integrated-account".to_owned(),
            json!({ "integration": "toy-shop", "name": "x" }),
            401,
        ),
        (Method::GET, "/api-token".to_owned(), Value::Null, 401),
        (Method::POST, "/api-token".to_owned(), json!({ "name": "more" }), 401),
        (
            Method::DELETE,
            format!("/api-token/{}", made["id"].as_str().unwrap()),
            Value::Null,
            401,
        ),
    ] {
        let (answered, told) = ask(method.clone(), path.clone(), body).await;
        assert_eq!(answered.as_u16(), status, "{method} {path}: {told}");
    }
    assert_eq!(plane.get(&path(&others)).await.1["name"], "Other");
    // With its account the token goes.
    assert_eq!(ask(Method::DELETE, path(&own), Value::Null).await.0, 204);
    assert_eq!(ask(Method::GET, path(&own), Value::Null).await.0, 401);
}

/// The whole answer, without what tells requests apart.
async fn bytes(request: reqwest::RequestBuilder) -> String {
    let answered = request.send().await.unwrap();
    let mut headers: Vec<String> = answered
        .headers()
        .iter()
        .filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    format!("{} {headers:?} {}", answered.status(), answered.text().await.unwrap())
}

#[tokio::test]
async fn all_tokens_that_do_not_open_are_answered_alike() {
    let (place, vendor) = (Place::new(), Vendor::start().await);
    let plane = Plane::start(&place).await;
    let own = plane.connect("Own", &vendor, "first-key").await;
    let others = plane.connect("Other", &vendor, "first-key").await;
    let make = async |body: Value| {
        let (status, made) = plane.post("/api-token", body).await;
        assert_eq!(status, 201, "{made}");
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        (text("id"), text("token"))
    };
    let (_, foreign) = make(json!({ "name": "foreign", "account_id": others })).await;
    let (expired_id, expired) = make(json!({ "name": "expired", "expires_at": "2100-01-01T00:00:00Z" })).await;
    let (revoked_id, revoked) = make(json!({ "name": "revoked" })).await;
    let (_, orphan) = make(json!({ "name": "orphan", "account_id": own })).await;
    for live in [&expired, &revoked] {
        let (status, _) = answer(plane.request_as(live, Method::GET, "/integrated-account")).await;
        assert_eq!(status, 200);
    }
    place
        .execute(&format!(
            "UPDATE api_tokens SET expires_at = 1 WHERE id = '{expired_id}'"
        ))
        .await;
    plane.delete(&format!("/api-token/{revoked_id}")).await;
    plane.delete(&format!("/integrated-account/{own}")).await;

    let path = format!("/integrated-account/{own}");
    let address = format!("{}{path}", plane.base);
    let of_nobody = bytes(client().get(&address)).await;
    assert!(
        of_nobody.starts_with("401 ") && of_nobody.contains("www-authenticate"),
        "{of_nobody}"
    );
    for token in [
        "dh_unknown",
        "",
        "dh_",
        "x y",
        "\u{fc}",
        &"x".repeat(4000),
        &foreign,
        &expired,
        &revoked,
        &orphan,
        &format!("{}x", plane.admin),
        &plane.admin[..plane.admin.len() - 1],
        &plane.admin.to_uppercase(),
    ] {
        assert_eq!(
            bytes(
                client()
                    .get(&address)
                    .header("Authorization", format!("Bearer {token}").into_bytes())
            )
            .await,
            of_nobody
        );
    }
    for header in ["Basic dXNlcjpwYXNz", "Bearer", "bearer\u{a0}x", "dh_x"] {
        assert_eq!(
            bytes(client().get(&address).header("Authorization", header.as_bytes())).await,
            of_nobody,
            "{header}"
        );
    }
    let in_query = format!("{address}?token={}&access_token={}", plane.admin, plane.admin);
    assert_eq!(bytes(client().get(in_query)).await, of_nobody);
    assert_eq!(
        plane.get(&path).await.0,
        404,
        "the one that reaches all learns that it is gone"
    );
    // Before a body is looked at, the caller must be known.
    let body = client()
        .post(format!("{}/integrated-account", plane.base))
        .body("no JSON at all");
    assert_eq!(bytes(body).await, of_nobody);
}

#[tokio::test]
async fn the_first_token_is_made_once() {
    let place = Place::new();
    let controls = [
        place.control(Options::default()).await,
        place.control(Options::default()).await,
    ];
    let all = controls
        .iter()
        .cycle()
        .take(8)
        .map(|control| control.first_api_token("first"));
    let made: Vec<_> = futures_util::future::join_all(all)
        .await
        .into_iter()
        .filter_map(Result::unwrap)
        .collect();
    let [(row, token)] = made.as_slice() else {
        panic!("{} tokens were made", made.len());
    };
    for control in &controls {
        assert_eq!(control.api_token(token.reveal()).await.unwrap().as_ref(), Some(row));
        assert!(control.first_api_token("again").await.unwrap().is_none());
    }
}
