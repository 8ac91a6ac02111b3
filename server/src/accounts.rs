//! Accounts from the environment: what a helpdesk asks for, read from `DESKHAND_<HELPDESK>_<FIELD>`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use deskhand_runtime::error::Error;
use deskhand_runtime::operation::{Integration, Scheme, Setting};

use crate::connect::connect;
use crate::scope::Sender;

/// What an account supplies: values by field name, and perhaps another address than the vendor's.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Variables and credentials by name.
    pub values: BTreeMap<String, String>,
    /// The address to use instead of the vendor's.
    pub base_url: Option<String>,
    /// How many seconds a call may take in all; 60 when not given.
    pub timeout: Option<String>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<&String> = self.values.keys().collect();
        f.debug_struct("Account")
            .field("fields", &fields)
            .field("base_url", &self.base_url)
            .field("timeout", &self.timeout)
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
    /// Makes the account callable; see [`connect`].
    ///
    /// # Errors
    /// Names the variables whose values are wrong and what was expected. Never repeats a secret.
    pub fn connect(&self, integration: &'static Integration) -> Result<Arc<dyn Sender>, AccountError> {
        connect(integration, self).map_err(|error| AccountError::Refused { integration, error })
    }

    /// Reads the account of a helpdesk through `read`, which is `std::env::var` outside of tests.
    ///
    /// # Errors
    /// Names every variable that is missing, with what it is and an example.
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
        let (base_url, timeout) = (read("BASE_URL"), read("TIMEOUT"));
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
            return Ok(Self {
                values,
                base_url,
                timeout,
            });
        }
        let mut wanted = missing;
        if !authenticated {
            for setting in lacking(integration, &values) {
                if !wanted.iter().any(|known| known.name == setting.name) {
                    wanted.push(setting);
                }
            }
        }
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

/// The credentials that are not given of a way to authenticate: of those of which some are given, or else of all.
fn lacking(integration: &'static Integration, values: &BTreeMap<String, String>) -> Vec<&'static Setting> {
    let credentials = integration.credentials;
    let needs = |scheme: &Scheme, setting: &Setting| scheme.needs.contains(&setting.name);
    let begun = |scheme: &Scheme| {
        let mut given = credentials.iter().filter(|setting| values.contains_key(setting.name));
        given.any(|setting| needs(scheme, setting))
    };
    let some_are_begun = integration.schemes.iter().any(begun);
    let wanted = |setting: &&Setting| {
        let mut schemes = integration.schemes.iter();
        schemes.any(|scheme| (!some_are_begun || begun(scheme)) && needs(scheme, setting))
    };
    let lacking = credentials.iter().filter(wanted);
    lacking
        .filter(|setting| !is_given(integration, values, setting.name))
        .collect()
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
    /// Values are refused.
    Refused {
        /// The helpdesk.
        integration: &'static Integration,
        /// Which, and why.
        error: Error,
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
            Self::Refused { integration, error } if error.faults().is_empty() => {
                write!(f, "the account of {} cannot be used: {error}", integration.title)
            }
            Self::Refused { integration, error } => {
                write!(f, "the account of {} cannot be used:", integration.title)?;
                error.faults().iter().try_for_each(|fault| {
                    write!(
                        f,
                        "
  {}: {}",
                        variable(integration, &fault.argument),
                        fault.message
                    )
                })
            }
        }
    }
}

impl std::error::Error for AccountError {}
