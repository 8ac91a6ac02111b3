//! The operations of the API, by what they are about.

pub(super) mod actions;
pub(super) mod analytics;
pub(super) mod article_groups;
pub(super) mod articles;
pub(super) mod batch;
pub(super) mod bucket;
pub(super) mod campaign_templates;
pub(super) mod campaigns;
pub(super) mod conversation_lists;
pub(super) mod conversations;
pub(super) mod feedback;
pub(super) mod helpdesk;
pub(super) mod history;
pub(super) mod inboxes;
pub(super) mod messages;
pub(super) mod operators;
pub(super) mod people;
pub(super) mod people_lists;
pub(super) mod plans;
pub(super) mod plugin_connect;
pub(super) mod plugins;
pub(super) mod spams;
pub(super) mod tree;
pub(super) mod verification;
pub(super) mod visitors;
pub(super) mod website;
