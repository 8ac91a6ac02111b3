//! What every Gorgias operation puts on the wire, and what comes of the answer: the cases of `tests/wire/gorgias/`.

mod messages;
mod operations;
mod refusals;
mod searching;

use deskhand_tests::wire::Suite;
use deskhand_tests::{cases, gorgias};

fn suite() -> Suite {
    Suite {
        integration: &deskhand_gorgias::INTEGRATION,
        cases: cases::read("gorgias"),
        typed: operations::TYPED,
        account: gorgias,
        accept: "application/json",
        unknown_on_purpose: &["get_integration: .http.triggers.ticket_created"],
    }
}

deskhand_tests::wire_tests!(suite);
