//! The simulated Gorgias, asked over HTTP, against expectations written by hand from what is known of the vendor.

#![allow(
    clippy::unwrap_used,
    reason = "what cannot be unwrapped here is a failed expectation"
)]

mod access;
mod automation;
mod customers;
mod files;
mod harness;
mod jobs;
mod messages;
mod oauth;
mod paging;
mod reporting;
mod strictness;
mod tickets;
mod view_items;
mod views;
mod workspace;
