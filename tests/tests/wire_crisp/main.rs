//! What every Crisp operation puts on the wire, and what comes of the answer: the cases of `tests/wire/crisp/`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod identifiers;
mod operations;
mod typed_calls;

use deskhand_tests::wire::Suite;
use deskhand_tests::{cases, crisp};

fn suite() -> Suite {
    Suite {
        integration: &deskhand_crisp::INTEGRATION,
        cases: cases::read("crisp"),
        typed: operations::TYPED,
        account: crisp,
        accept: "application/json",
        unknown_on_purpose: &[
            "get_helpdesk: .later",
            "get_helpdesk_settings: .behavior.something_new",
            "get_helpdesk_tree: .order",
            "get_website_settings: .chatbox.unheard_of",
            "get_website_settings: .emails.enrich",
            "list_people_profiles: .unheard_of",
        ],
    }
}

deskhand_tests::wire_tests!(suite);
