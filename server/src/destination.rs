//! Where credentials may be sent.
//!
//! An account may be called at the addresses that its helpdesk's description allows, at this machine's loopback, and
//! at what the operator allows besides. Judged is the address that requests really go to, after it was parsed and its
//! placeholders were filled, never the text that somebody typed.

use std::fmt;
use std::str::FromStr;

use deskhand_runtime::http::BaseUrl;
use deskhand_runtime::oauth2::Flow;
use deskhand_runtime::operation::Integration;

/// An origin that an operator allows: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedOrigin(BaseUrl);

impl FromStr for AllowedOrigin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = BaseUrl::parse(text).map_err(|problem| format!("the address {problem}"))?;
        if url.as_str() != url.origin() {
            return Err("a path has no place in it: expected scheme, host and port, such as \
                        https://api.example.com:8443"
                .to_owned());
        }
        Ok(Self(url))
    }
}

impl fmt::Display for AllowedOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Checks that credentials of `integration` may be sent to `base`.
///
/// # Errors
/// Says where they would go and where they may.
pub fn check(integration: &Integration, base: &BaseUrl, allowed: &[AllowedOrigin]) -> Result<(), String> {
    check_address(integration, integration.base_url, base, allowed)
}

/// Checks that people may be sent to the address of an OAuth2 flow to agree, and its codes and tokens to the other.
///
/// # Errors
/// As [`check`].
pub fn check_flow(integration: &Integration, flow: &Flow, allowed: &[AllowedOrigin]) -> Result<(), String> {
    let declared = flow.declared();
    let authorize = BaseUrl::parse(flow.authorize_address()).map_err(|problem| format!("the address {problem}"))?;
    check_address(integration, declared.authorize_url, &authorize, allowed)?;
    check_address(integration, declared.token_url, flow.token_address(), allowed)
}

/// Checks an address that accounts are to be called at instead of the vendor's, while not all of their variables are
/// known. One with placeholders has to wait until they are.
///
/// # Errors
/// It is no address, or as [`check`].
pub fn check_text(integration: &Integration, base_url: &str, allowed: &[AllowedOrigin]) -> Result<(), String> {
    if base_url.contains('{') {
        return Ok(());
    }
    let base = BaseUrl::parse(base_url).map_err(|problem| format!("the address {problem}"))?;
    check(integration, &base, allowed)
}

/// Checks an address that was made of `template`, or of an account's own address.
fn check_address(
    integration: &Integration,
    template: &str,
    base: &BaseUrl,
    allowed: &[AllowedOrigin],
) -> Result<(), String> {
    let own = origin(template);
    if base.is_loopback()
        || fits(integration, own, base.origin())
        || allowed.iter().any(|allowed| allowed.0.origin() == base.origin())
    {
        return Ok(());
    }
    let besides: String = allowed.iter().map(|allowed| format!(", {allowed}")).collect();
    Err(format!(
        "credentials would be sent to {}, which is no address of {}: allowed are {own}{besides} and this machine's \
         loopback; the operator allows others with --allow-base-url",
        base.origin(),
        integration.title
    ))
}

/// Scheme and authority of a template.
fn origin(template: &str) -> &str {
    let authority = template.find("://").map_or(0, |at| at + 3);
    let end = template[authority..]
        .find('/')
        .map_or(template.len(), |at| authority + at);
    &template[..end]
}

/// Whether values of the integration's variables make `text` out of `pattern`.
fn fits(integration: &Integration, pattern: &str, text: &str) -> bool {
    let Some((before, rest)) = pattern.split_once('{') else {
        return pattern == text;
    };
    let (Some(text), Some((name, after))) = (text.strip_prefix(before), rest.split_once('}')) else {
        return false;
    };
    let Some(setting) = integration.variables.iter().find(|variable| variable.name == name) else {
        return false;
    };
    let may_be = |value: &str| match setting.one_of {
        // Whatever the form admits, a variable stands for one label of the host.
        [] => !value.contains(['/', ':', '@', '.']) && setting.form.admits(value),
        one_of => one_of.contains(&value),
    };
    let ends = text.char_indices().map(|(at, _)| at).skip(1).chain([text.len()]);
    ends.into_iter()
        .any(|end| may_be(&text[..end]) && fits(integration, after, &text[end..]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use deskhand_runtime::Connection;
    use deskhand_runtime::operation::{ErrorRules, LimitRules, Setting};
    use deskhand_runtime::shape::Form;

    use super::*;

    const fn setting(name: &'static str, form: Form, one_of: &'static [&'static str]) -> Setting {
        Setting {
            name,
            title: "",
            help: "",
            form,
            one_of,
            secret: false,
            optional: true,
            example: "",
            default: "",
            strip: &[],
        }
    }

    static VENDOR: Integration = Integration {
        slug: "vendor",
        title: "Vendor",
        doc: "",
        documentation: "",
        base_url: "https://{tenant}.api-{region}.vendor.com/v1",
        variables: &[
            setting("tenant", Form::Label, &[]),
            setting("region", Form::Any, &["eu", "us.gov"]),
        ],
        credentials: &[],
        schemes: &[],
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
    };

    /// Where the runtime would send to, and whether it may.
    fn judged(base_url: &str, allowed: &[AllowedOrigin]) -> Result<String, String> {
        let values: BTreeMap<&str, &str> = [("tenant", "acme"), ("region", "eu")].into();
        let connection = values
            .into_iter()
            .fold(Connection::builder(&VENDOR), |builder, (name, value)| {
                builder.variable(name, value)
            })
            .base_url(Some(base_url))
            .build()
            .map_err(|error| error.message().to_owned())?;
        check(&VENDOR, connection.base_url(), allowed)?;
        Ok(connection.base_url().to_string())
    }

    #[test]
    fn addresses_of_the_helpdesk_and_of_this_machine_are_allowed() {
        for (given, sent_to) in [
            ("https://acme.api-eu.vendor.com/v1", "https://acme.api-eu.vendor.com/v1"),
            ("https://acme.api-eu.vendor.com", "https://acme.api-eu.vendor.com"),
            (
                "https://other.api-eu.vendor.com/v2",
                "https://other.api-eu.vendor.com/v2",
            ),
            (
                "https://{tenant}.api-{region}.vendor.com/v3/",
                "https://acme.api-eu.vendor.com/v3",
            ),
            ("https://a.api-us.gov.vendor.com", "https://a.api-us.gov.vendor.com"),
            ("https://ACME.API-EU.Vendor.COM/v1", "https://acme.api-eu.vendor.com/v1"),
            (
                "https://acme.api-eu.vendor.com:443/v1",
                "https://acme.api-eu.vendor.com/v1",
            ),
            (
                "HTTPS:\\\\acme.api-eu.vendor.com\\v1",
                "https://acme.api-eu.vendor.com/v1",
            ),
            ("http://localhost:8080/x", "http://localhost:8080/x"),
            ("http://LOCALHOST", "http://localhost"),
            ("https://localhost", "https://localhost"),
            ("http://127.0.0.1:9/{tenant}", "http://127.0.0.1:9/acme"),
            ("https://127.8.8.8", "https://127.8.8.8"),
            ("http://2130706433:9", "http://127.0.0.1:9"),
            ("http://0x7f.1", "http://127.0.0.1"),
            ("http://[::1]:9", "http://[::1]:9"),
            ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
        ] {
            assert_eq!(judged(given, &[]).as_deref(), Ok(sent_to), "{given}");
        }
    }

    #[test]
    fn all_others_are_not() {
        for given in [
            "https://evil.com",
            "https://evil.com/acme.api-eu.vendor.com",
            "https://evil.com#acme.api-eu.vendor.com",
            "https://evil.com?acme.api-eu.vendor.com",
            "https://evil.com\\acme.api-eu.vendor.com",
            "https://evil.com\\@acme.api-eu.vendor.com",
            "https://acme.api-eu.vendor.com@evil.com",
            "https://acme.api-eu.vendor.com:443@evil.com",
            "https://user@acme.api-eu.vendor.com",
            "https://acme.api-eu.vendor.com%2f@evil.com",
            "https://acme.api-eu.vendor.com%00.evil.com",
            "https://acme.api-eu.vendor.com.evil.com",
            "https://acme.api-eu.vendor.com.",
            "https://acme.api-eu.vendor.com:8443",
            "https://.api-eu.vendor.com",
            "https://api-eu.vendor.com",
            "https://x.acme.api-eu.vendor.com",
            "https://acme.api-mars.vendor.com",
            "https://acme.api-us.vendor.com",
            "https://acme-.api-eu.vendor.com",
            "https://acme_.api-eu.vendor.com",
            "https://acmeXapi-eu.vendor.com",
            "https://acme.api-euXvendor.com",
            "https://vendor.com",
            "https://evilvendor.com",
            "https://acme.api-eu.vend\u{f6}r.com",
            "https://acme.api-eu.vendor.com\u{ff0f}.evil.com",
            "https://acme.api-eu.vendor.com\u{3002}evil.com",
            "https://\u{430}cme.api-eu.vendor.c\u{43e}m",
            "https://{tenant}.evil.com",
            "https://{nothing}.api-eu.vendor.com",
            "http://acme.api-eu.vendor.com",
            "ftp://acme.api-eu.vendor.com",
            "file:///etc/passwd",
            "//acme.api-eu.vendor.com",
            "acme.api-eu.vendor.com",
            "http://localhost.evil.com",
            "http://localhost.",
            "http://localhost@evil.com",
            "http://127.0.0.1.evil.com",
            "http://127.0.0.1@evil.com",
            "http://[::1]@evil.com",
            "http://[::ffff:127.0.0.1]",
            "https://[::ffff:127.0.0.1]",
            "http://0.0.0.0",
            "https://0.0.0.0",
            "https://10.0.0.1",
            "https://169.254.169.254",
            "https://2852039166",
            "https://[fe80::1]",
            "https://[::]",
            "",
        ] {
            let told = judged(given, &[]).expect_err(given);
            let said = told.contains("credentials would be sent to https://") && told.contains("--allow-base-url")
                || told.contains("`base_url`");
            assert!(said, "{given}: {told}");
        }
    }

    #[test]
    fn a_refusal_names_the_place_and_the_alternatives() {
        let told = judged("https://acme.api-eu.vendor.com.evil.com:444/x", &[]).unwrap_err();
        assert!(
            told.contains("sent to https://acme.api-eu.vendor.com.evil.com:444, "),
            "{told}"
        );
        assert!(
            told.contains("allowed are https://{tenant}.api-{region}.vendor.com and"),
            "{told}"
        );
    }

    #[test]
    fn an_operator_allows_origins() {
        let allowed: Vec<AllowedOrigin> = ["https://proxy.example:8443", "https://Mock.example/"]
            .map(|text| text.parse().unwrap())
            .into();
        for fine in [
            "https://proxy.example:8443/any",
            "https://mock.example",
            "https://mock.example:443/x",
        ] {
            assert!(judged(fine, &allowed).is_ok(), "{fine}");
        }
        for bad in [
            "https://proxy.example",
            "https://proxy.example:844",
            "https://a.mock.example",
            "https://mock.example.",
        ] {
            assert!(judged(bad, &allowed).is_err(), "{bad}");
        }
        for bad in [
            "proxy.example",
            "http://proxy.example",
            "https://proxy.example/x",
            "https://u@proxy.example",
            "*",
            "",
        ] {
            assert!(bad.parse::<AllowedOrigin>().is_err(), "{bad}");
        }
    }
}
