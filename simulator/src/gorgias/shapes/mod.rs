//! What bodies must look like.

pub(super) mod account;
pub(super) mod automation;
pub(super) mod content;
pub(super) mod customers;
pub(super) mod messages;
pub(super) mod reports;
pub(super) mod tickets;
