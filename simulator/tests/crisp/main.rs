//! The simulated Crisp, asked over HTTP, against expectations written by hand from what is known of the vendor.

#![allow(
    clippy::unwrap_used,
    reason = "what cannot be unwrapped here is a failed expectation"
)]

mod access;
mod batch;
mod campaigns;
mod conversation_actions;
mod conversation_lists;
mod conversations;
mod harness;
mod helpdesk;
mod helpdesk_articles;
mod helpdesk_tree;
mod messages;
mod people;
mod plans_and_plugins;
mod sample;
mod strictness;
mod workspace;
