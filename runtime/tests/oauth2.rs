//! The authorization-code flow against a real token address.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod vendor;

use std::time::Duration;

use deskhand_runtime::error::Code;
use deskhand_runtime::oauth2::{Application, Flow, TokenError, challenge};
use deskhand_runtime::operation::{AuthPart, ErrorRules, Integration, LimitRules, OAuth2, Scheme, Setting};
use deskhand_runtime::shape::Form;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use vendor::{Server, answer};

const fn setting(name: &'static str, form: Form, secret: bool) -> Setting {
    Setting {
        name,
        title: "A setting",
        help: "Somewhere.",
        form,
        one_of: &[],
        secret,
        optional: false,
        example: "example",
        default: "",
        strip: &[],
    }
}

const VARIABLES: &[Setting] = &[setting("shop", Form::Label, false)];
const CREDENTIALS: &[Setting] = &[setting("access_token", Form::Any, true)];

const BASIC: OAuth2 = OAuth2 {
    authorize_url: "https://{shop}.example.com/oauth/authorize",
    token_url: "https://{shop}.example.com/oauth/token",
    scopes: &["offline", "tickets:read"],
    basic_client: true,
    pkce: true,
};

const fn integration(schemes: &'static [Scheme]) -> Integration {
    Integration {
        slug: "acme",
        title: "Acme",
        doc: "",
        documentation: "",
        base_url: "https://{shop}.example.com",
        variables: VARIABLES,
        credentials: CREDENTIALS,
        schemes,
        headers: &[],
        limits: LimitRules {
            remaining: None,
            limit: None,
            reset: None,
            used_of_limit: None,
            retry_after: None,
            throttle_statuses: &[],
            quota_statuses: &[],
            doc: "",
        },
        errors: ErrorRules {
            code: &[],
            message: &[],
            failure_flag: None,
            hints: &[],
        },
        probe: None,
        dynamic_fields: &[],
        tags: &[],
        operations: &[],
    }
}

const fn scheme(oauth2: &'static OAuth2) -> Scheme {
    Scheme {
        name: "oauth2",
        needs: &["access_token"],
        parts: &[AuthPart::Bearer("{access_token}")],
        oauth2: Some(oauth2),
    }
}

static WITH_BASIC: Integration = integration(&[scheme(&BASIC)]);
static WITH_FORM: Integration = integration(&[scheme(&OAuth2 {
    basic_client: false,
    pkce: false,
    ..BASIC
})]);

fn application() -> Application {
    Application {
        client_id: "app:1".to_owned(),
        client_secret: SecretString::from("s3cr3t+/ü"),
    }
}

fn flow(integration: &'static Integration, server: &Server) -> Flow {
    Flow::new(integration, [("shop", "acme")], Some(&format!("{}/prefix", server.url))).unwrap()
}

#[test]
fn a_person_is_sent_to_the_vendor() {
    let flow = Flow::new(&WITH_BASIC, [("shop", "acme")], None).unwrap();
    assert_eq!(
        flow.authorize_url(
            &application(),
            "https://desk.example/connect/x/callback",
            "st&te",
            "verifier"
        ),
        "https://acme.example.com/oauth/authorize?response_type=code&client_id=app%3A1\
         &redirect_uri=https%3A%2F%2Fdesk.example%2Fconnect%2Fx%2Fcallback&scope=offline+tickets%3Aread&state=st%26te\
         &code_challenge=iMnq5o6zALKXGivsnlom_0F5_WYda32GHkxlV7mq7hQ&code_challenge_method=S256"
    );
    let plain = Flow::new(&WITH_FORM, [("shop", "acme")], None).unwrap();
    assert!(
        !plain
            .authorize_url(&application(), "https://d.example/", "s", "v")
            .contains("challenge")
    );
}

/// The example of RFC 7636, appendix B.
#[test]
fn challenges_are_those_of_the_standard() {
    assert_eq!(
        challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
}

#[test]
fn no_other_host_can_be_reached() {
    for bad in ["evil.example/", "a.b", "", "a@b", "-", "acme.example.com#"] {
        let error = Flow::new(&WITH_BASIC, [("shop", bad)], None).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArguments, "{bad}");
    }
    assert!(Flow::new(&WITH_BASIC, [], None).is_err());
    assert!(Flow::new(&WITH_BASIC, [("shop", "acme")], Some("http://elsewhere.example")).is_err());
    assert!(
        Flow::new(&vendor::INTEGRATION, [], None)
            .unwrap_err()
            .to_string()
            .contains("OAuth2")
    );
}

#[tokio::test]
async fn a_code_is_exchanged_once() {
    let server = Server::always(|| {
        answer(
            200,
            &[],
            &json!({"access_token": "a1", "refresh_token": "r1", "expires_in": 86400}).to_string(),
        )
    })
    .await;
    let tokens = flow(&WITH_BASIC, &server)
        .exchange(&application(), "c&de", "https://d.example/cb", "verifier")
        .await
        .unwrap();
    assert_eq!(tokens.access_token.expose_secret(), "a1");
    assert_eq!(tokens.refresh_token.unwrap().expose_secret(), "r1");
    assert_eq!(tokens.expires_in, Some(Duration::from_secs(86400)));
    let seen = server.only();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/oauth/token"));
    // base64 of `app%3A1:s3cr3t%2B%2F%C3%BC`, each half form-encoded as RFC 6749, section 2.3.1, wants it.
    assert_eq!(
        seen.header("Authorization"),
        Some("Basic YXBwJTNBMTpzM2NyM3QlMkIlMkYlQzMlQkM=")
    );
    assert_eq!(seen.header("Content-Type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(
        seen.text(),
        "grant_type=authorization_code&code=c%26de&redirect_uri=https%3A%2F%2Fd.example%2Fcb&code_verifier=verifier"
    );
}

#[tokio::test]
async fn the_client_can_stand_in_the_form() {
    let server = Server::always(|| answer(200, &[], r#"{"access_token": "a2", "expires_in": "60"}"#)).await;
    let refresh = SecretString::from("r 1");
    let tokens = flow(&WITH_FORM, &server)
        .refresh(&application(), &refresh)
        .await
        .unwrap();
    assert!(tokens.refresh_token.is_none());
    assert_eq!(tokens.expires_in, Some(Duration::from_secs(60)));
    let seen = server.only();
    assert_eq!(seen.header("Authorization"), None);
    assert_eq!(
        seen.text(),
        "grant_type=refresh_token&refresh_token=r+1&client_id=app%3A1&client_secret=s3cr3t%2B%2F%C3%BC"
    );
}

#[test]
fn few_words_end_a_grant() {
    let refused = |word: &str| TokenError::Refused(word.to_owned());
    assert_eq!(refused("invalid_grant").ends_grant(), Some("invalid_grant"));
    assert_eq!(
        refused("interaction_required").ends_grant(),
        Some("interaction_required")
    );
    for word in [
        "invalid_client",
        "unauthorized_client",
        "invalid_request",
        "invalid_scope",
        "server_error",
        "",
    ] {
        assert_eq!(refused(word).ends_grant(), None, "{word}");
    }
    let failed = deskhand_runtime::Error::deskhand(Code::UpstreamTimeout, "invalid_grant");
    assert_eq!(TokenError::Failed(failed).ends_grant(), None);
}

#[tokio::test]
async fn refusals_and_failures_are_told_apart_and_asked_once() {
    for (status, body, refused) in [
        (
            400,
            r#"{"error": "invalid_grant", "error_description": "gone <b>"}"#,
            Some("invalid_grant"),
        ),
        (
            401,
            r#"{"error": "invalid_client\n<script>"}"#,
            Some("invalid_clientscript"),
        ),
        // Not the vendor's word: a gateway's, say.
        (403, "<html>", None),
        (400, "", None),
        (401, r#"{"error": {"message": "no"}}"#, None),
        (500, r#"{"error": "invalid_grant"}"#, None),
        (429, "", None),
        (307, "", None),
        (200, r#"{"token": "x"}"#, None),
        (200, "not json", None),
    ] {
        let server = Server::always(move || answer(status, &[("Location", "http://127.0.0.1:9/")], body)).await;
        let asked = flow(&WITH_BASIC, &server).refresh(&application(), &"r".into()).await;
        match (asked.unwrap_err(), refused) {
            (TokenError::Refused(word), Some(expected)) => assert_eq!(word, expected),
            (TokenError::Failed(error), None) => assert!(!error.to_string().contains("s3cr3t"), "{error}"),
            (other, _) => panic!("{status} {body}: {other:?}"),
        }
        assert_eq!(server.seen().len(), 1, "{status}");
    }
}
