//! The simulated Desk365, asked over HTTP, against expectations written by hand from the vendor's documents.

#![allow(
    clippy::unwrap_used,
    reason = "what cannot be unwrapped here is a failed expectation"
)]

mod access;
mod companies_and_contacts;
mod faults;
mod harness;
mod knowledge_and_assets;
mod messages;
mod strictness;
mod ticket_lists;
mod tickets;
mod time_surveys_contracts;
mod uploads;
