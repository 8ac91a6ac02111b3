//! Accounts from the environment: what a helpdesk asks for, read from `DESKHAND_<HELPDESK>_<FIELD>`.

use std::collections::BTreeMap;
use std::fmt;

use deskhand_runtime::operation::{Integration, Setting};

/// What an account supplies: values by field name, and perhaps another address than the vendor's.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Variables and credentials by name.
    pub values: BTreeMap<String, String>,
    /// The address to use instead of the vendor's.
    pub base_url: Option<String>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<&String> = self.values.keys().collect();
        f.debug_struct("Account")
            .field("fields", &fields)
            .field("base_url", &self.base_url)
            .finish()
    }
}

/// The environment variable of a field.
#[must_use]
pub fn variable(integration: &Integration, field: &str) -> String {
    let upper = |text: &str| text.to_ascii_uppercase().replace('-', "_");
    format!("DESKHAND_{}_{}", upper(integration.slug), upper(field))
}

impl Account {
    /// Reads the account of a helpdesk through `read`, which is `std::env::var` outside of tests.
    ///
    /// # Errors
    /// Names every variable that is missing, with what it is and an example; or says what is
    /// wrong with the address. Never repeats a value.
    pub fn from_environment(
        integration: &'static Integration,
        read: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, AccountError> {
        let read = |field: &str| {
            let value = read(&variable(integration, field))?;
            let value = value.trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        let values: BTreeMap<String, String> = settings(integration)
            .filter_map(|setting| Some((setting.name.to_owned(), read(setting.name)?)))
            .collect();
        let base_url = read("BASE_URL");
        if let Some(url) = &base_url {
            check_base_url(url).map_err(|problem| AccountError::BaseUrl {
                variable: variable(integration, "BASE_URL"),
                problem,
            })?;
        }
        let missing: Vec<&'static Setting> = settings(integration)
            .filter(|setting| !setting.optional && setting.default.is_empty())
            .filter(|setting| !values.contains_key(setting.name))
            .collect();
        let authenticated = integration.schemes.is_empty()
            || integration
                .schemes
                .iter()
                .any(|scheme| scheme.needs.iter().all(|need| is_given(integration, &values, need)));
        if missing.is_empty() && authenticated {
            return Ok(Self { values, base_url });
        }
        // Without any complete way to authenticate, every credential not given is worth naming.
        let wanted = if missing.is_empty() {
            let credentials = integration.credentials.iter();
            credentials
                .filter(|setting| !values.contains_key(setting.name))
                .collect()
        } else {
            missing
        };
        Err(AccountError::Missing {
            integration,
            wanted,
            some_are_set: !values.is_empty(),
        })
    }
}

fn settings(integration: &'static Integration) -> impl Iterator<Item = &'static Setting> {
    integration.variables.iter().chain(integration.credentials)
}

fn is_given(integration: &'static Integration, values: &BTreeMap<String, String>, name: &str) -> bool {
    values.contains_key(name)
        || settings(integration).any(|setting| setting.name == name && !setting.default.is_empty())
}

/// Why an account cannot be used.
#[derive(Debug)]
pub enum AccountError {
    /// Variables are not set.
    Missing {
        /// The helpdesk.
        integration: &'static Integration,
        /// The fields wanted.
        wanted: Vec<&'static Setting>,
        /// Whether the account is there in part.
        some_are_set: bool,
    },
    /// The address is refused.
    BaseUrl {
        /// The variable that holds it.
        variable: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl fmt::Display for AccountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing {
                integration,
                wanted,
                some_are_set,
            } => {
                let but = if *some_are_set { "the rest of " } else { "" };
                write!(f, "{} needs {but}its account in the environment:", integration.title)?;
                for setting in wanted {
                    write!(f, "\n  {}", variable(integration, setting.name))?;
                    if !setting.example.is_empty() {
                        write!(f, "={}", setting.example)?;
                    }
                    write!(f, "\n      {}: {}", setting.title, setting.help)?;
                    if !setting.one_of.is_empty() {
                        write!(f, " One of: {}.", setting.one_of.join(", "))?;
                    }
                    if setting.optional {
                        f.write_str(" (one way to authenticate suffices)")?;
                    }
                }
                Ok(())
            }
            Self::BaseUrl { variable, problem } => write!(f, "{variable}: {problem}"),
        }
    }
}

impl std::error::Error for AccountError {}

/// Credentials travel to this address, so it is `https`, or `http` that never leaves the machine.
///
/// # Errors
/// Says what is wrong.
pub fn check_base_url(url: &str) -> Result<(), String> {
    let (scheme, rest) = url
        .split_once("://")
        .ok_or("expected an address such as https://helpdesk.example.com/api")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("user names and passwords have no place in the address".to_owned());
    }
    if rest.contains(['?', '#']) {
        return Err("a query or fragment has no place in the address".to_owned());
    }
    let host = match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    if host.is_empty() {
        return Err("the address has no host".to_owned());
    }
    let loopback = host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        "http" => Err(format!(
            "plain http would send the credentials readable to `{host}`; use https (http is for this machine only)"
        )),
        other => Err(format!("`{other}` is no scheme for it; use https")),
    }
}

#[cfg(test)]
mod tests {
    use super::check_base_url;

    #[test]
    fn http_stays_on_the_machine() {
        for good in [
            "https://desk.example/apis",
            "https://{subdomain}.desk.example",
            "http://localhost:4000",
            "http://127.0.0.1:4000/{subdomain}/apis",
            "http://127.9.0.1",
            "http://[::1]:4000/",
            "HTTPS://desk.example",
        ] {
            assert_eq!(check_base_url(good), Ok(()), "{good}");
        }
        for bad in [
            "http://desk.example",
            "http://localhost.desk.example",
            "http://127.0.0.1.desk.example",
            "http://127.0.0.1@desk.example",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http:///path",
            "https://",
            "https://desk.example/?next=http://127.0.0.1",
            "ftp://localhost",
            "desk.example",
            "",
        ] {
            assert!(check_base_url(bad).is_err(), "{bad}");
        }
    }
}
