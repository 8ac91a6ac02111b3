//! How a simulator is set up, and what can be wrong with that.

use std::fmt;

/// How a simulator is set up.
///
/// ```
/// use deskhand_simulator::Options;
/// let options = Options { plan: "unlimited".into(), ..Options::default() };
/// assert_eq!((options.seed, options.access.as_str()), (1, ""));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Chooses the sample data: same seed, same data. Default 1.
    pub seed: u64,
    /// Name of the rate-limit plan, one of the helpdesk's [`Descriptor::plans`](crate::Descriptor::plans); empty, the
    /// default, stands for [`Descriptor::default_plan`](crate::Descriptor::default_plan). `unlimited` is for load tests and
    /// demonstrations.
    pub plan: String,
    /// The kind of credentials that [`Running::credentials`](crate::Running::credentials) gives, one of the helpdesk's
    /// [`Descriptor::accesses`](crate::Descriptor::accesses); empty, the default, stands for the first of them.
    pub access: String,
    /// The moment the simulated clock starts at, in seconds since 1970-01-01 00:00:00 UTC.
    /// Default 1772442000, which is 2026-03-02 09:00:00.
    pub start: i64,
    /// How many tickets the first tenant has; `None`, the default, stands for what is usual of the helpdesk: 200 at Desk365,
    /// 500 at Gorgias. At least 40 are made.
    pub tickets: Option<usize>,
    /// How many conversations the first tenant has, where a helpdesk holds conversations, not tickets. Default 300; at least
    /// 60 are made.
    pub conversations: usize,
    /// How many requests are remembered; older ones are forgotten first. Default 10,000.
    pub recorded_requests: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            plan: String::new(),
            access: String::new(),
            start: 1_772_442_000,
            tickets: None,
            conversations: 300,
            recorded_requests: 10_000,
        }
    }
}

impl Options {
    /// How many tickets are asked for, or the usual number.
    pub(crate) fn tickets_or(&self, usual: usize) -> usize {
        self.tickets.unwrap_or(usual)
    }
}

/// Why a simulator could not be made or started.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// No simulator has this slug; the known ones are told.
    UnknownHelpdesk {
        /// What was asked for.
        slug: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// The helpdesk has no rate-limit plan of this name; the known ones are told.
    UnknownPlan {
        /// What was asked for.
        plan: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// The helpdesk has no credentials of this kind; the known kinds are told.
    UnknownAccess {
        /// What was asked for.
        access: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// The start of the clock is outside the years 1971 to 9000.
    StartOutOfRange(i64),
    /// The address could not be listened on.
    Listen(std::io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownHelpdesk { slug, known } => {
                write!(f, "there is no simulator for `{slug}`; there are: {}", known.join(", "))
            }
            Self::UnknownPlan { plan, known } => {
                write!(
                    f,
                    "there is no rate-limit plan `{plan}`; there are: {}",
                    known.join(", ")
                )
            }
            Self::UnknownAccess { access, known } => {
                write!(
                    f,
                    "there are no credentials of the kind `{access}`; there are: {}",
                    known.join(", ")
                )
            }
            Self::StartOutOfRange(start) => write!(f, "the clock cannot start at {start} seconds since 1970"),
            Self::Listen(error) => write!(f, "cannot listen: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen(error) => Some(error),
            _ => None,
        }
    }
}
