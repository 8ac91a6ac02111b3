//! The bodies Desk365 takes. The document marks nothing as required; what practice needs is required here.

use crate::engine::Kind::{
    Boolean, Code, Date, Email, EmailList, Emails, Integer, Moment, Object, Scalars, Text, Texts,
};
use crate::engine::{Field, Kind, Shape};

/// Prefix of custom field keys.
pub(super) const CF: &str = "cf_";

const fn must(name: &'static str, kind: Kind) -> Field {
    Field::required(name, kind)
}

const fn may(name: &'static str, kind: Kind) -> Field {
    Field::optional(name, kind)
}

const FLAG: Kind = Code(&[0, 1]);
const PRIORITY: Kind = Code(&[1, 5, 10, 20]);

static ADD_REMOVE: Shape = Shape {
    fields: &[may("add", EmailList), may("remove", EmailList)],
    not_empty: true,
    open: false,
};

pub(super) static TICKET_CREATE: Shape = Shape::new(&[
    must("email", Email),
    must("subject", Text),
    may("description", Text),
    may("form_name", Text),
    may("status", Text),
    may("priority", PRIORITY),
    may("type", Text),
    may("assign_to", Email),
    may("group", Text),
    may("category", Text),
    may("sub_category", Text),
    may("custom_fields", Scalars(CF)),
    may("watchers", EmailList),
    may("share_to", EmailList),
]);

pub(super) static TICKET_UPDATE: Shape = Shape::new(&[
    may("contact_email", Email),
    may("subject", Text),
    may("description", Text),
    may("sla", Text),
    may("status", Text),
    may("priority", PRIORITY),
    may("type", Text),
    may("assign_to", Text),
    may("group", Text),
    may("category", Text),
    may("sub_category", Text),
    may("custom_fields", Scalars(CF)),
    may("watchers", Object(&ADD_REMOVE)),
    may("share_to", Object(&ADD_REMOVE)),
]);

pub(super) static REPLY: Shape = Shape::new(&[
    must("body", Text),
    may("cc_emails", Emails),
    may("bcc_emails", Emails),
    may("agent_email", Email),
    may("from_email", Email),
    may("include_prev_ccs", FLAG),
    may("include_prev_messages", FLAG),
]);

pub(super) static NOTE: Shape = Shape::new(&[
    must("body", Text),
    may("agent_email", Email),
    may("notify_emails", Emails),
    may("private_note", FLAG),
]);

pub(super) static CONTACT_CREATE: Shape = Shape::new(&[
    must("name", Text),
    must("primary_email", Email),
    may("secondary_emails", Emails),
    may("title", Text),
    may("mobile", Text),
    may("phone", Text),
    may("company_name", Text),
]);

pub(super) static CONTACT_UPDATE: Shape = Shape::new(&[
    may("name", Text),
    may("title", Text),
    may("mobile", Text),
    may("phone", Text),
    may("company_name", Text),
]);

pub(super) static COMPANY_CREATE: Shape = Shape::new(&[
    must("name", Text),
    may("description", Text),
    may("phone", Text),
    may("address", Text),
    may("city", Text),
    may("state", Text),
    may("country", Text),
    may("zipcode", Text),
    may("sla", Text),
    may("domains", Text),
]);

pub(super) static COMPANY_UPDATE: Shape = Shape::new(&[
    may("name", Text),
    may("description", Text),
    may("phone", Text),
    may("address", Text),
    may("city", Text),
    may("state", Text),
    may("country", Text),
    may("zipcode", Text),
    may("sla", Text),
    may("domains", Text),
]);

pub(super) static TIME_ENTRY_CREATE: Shape = Shape::new(&[
    must("ticket_number", Integer),
    must("agent_email", Email),
    must("time_spent_in_minutes", Integer),
    may("start_time", Moment),
    may("note", Text),
    may("billable", FLAG),
    may("additional_info", Text),
]);

static BLOCK_HOURS: Shape = Shape::new(&[
    may("contract_hours", Integer),
    may("min_increment", Integer),
    may("rollover_unused_hours", Boolean),
    may("rollover_type", Code(&[1])),
    may("rollover_value", Integer),
]);

static BLOCK_HOURS_UPDATE: Shape = Shape::new(&[
    may("rollover_unused_hours", Boolean),
    may("rollover_type", Code(&[1])),
    may("rollover_value", Integer),
]);

static BLOCK_TICKETS: Shape = Shape::new(&[may("contract_tickets", Integer)]);

pub(super) static CONTRACT_CREATE: Shape = Shape::new(&[
    must("name", Text),
    must("company", Text),
    may("start_date", Date),
    may("end_date", Date),
    may("reference_number", Text),
    may("setup_fees", Integer),
    may("sla", Text),
    may("contract_category", Text),
    may("is_active", Boolean),
    may("bill_cycle", Code(&[1, 2])),
    may("after_hours_included", Boolean),
    may("contract_type", Code(&[2, 3])),
    may("block_hours", Object(&BLOCK_HOURS)),
    may("block_tickets", Object(&BLOCK_TICKETS)),
]);

pub(super) static CONTRACT_UPDATE: Shape = Shape::new(&[
    may("name", Text),
    may("reference_number", Text),
    may("setup_fees", Integer),
    may("end_date", Date),
    may("after_hours_included", Boolean),
    may("contract_category", Text),
    may("block_hours", Object(&BLOCK_HOURS_UPDATE)),
]);

pub(super) static KB_CATEGORY_CREATE: Shape = Shape::new(&[
    must("category_name", Text),
    may("category_description", Text),
    may("created_by_email", Email),
    may("support_portal_visibility", Code(&[1, 2, 3, 4])),
    may("company_list", Texts),
    may("agent_portal_visibility", Code(&[1, 2])),
    may("agent_group_list", Texts),
]);

pub(super) static KB_CATEGORY_UPDATE: Shape = Shape::new(&[
    may("category_name", Text),
    may("category_description", Text),
    may("support_portal_visibility", Code(&[1, 2, 3, 4])),
    may("company_list", Texts),
    may("agent_portal_visibility", Code(&[1, 2])),
    may("agent_group_list", Texts),
]);

pub(super) static KB_FOLDER_CREATE: Shape = Shape::new(&[
    must("category_name", Text),
    must("folder_name", Text),
    may("created_by_email", Email),
]);

pub(super) static KB_FOLDER_UPDATE: Shape = Shape::new(&[may("category_name", Text), may("folder_name", Text)]);

pub(super) static KB_ARTICLE_CREATE: Shape = Shape::new(&[
    must("article_title", Text),
    must("article_content", Text),
    must("category_name", Text),
    may("folder_name", Text),
    may("created_by_email", Email),
    may("status", FLAG),
]);

pub(super) static KB_ARTICLE_UPDATE: Shape = Shape::new(&[
    may("article_title", Text),
    may("article_content", Text),
    may("category_name", Text),
    may("folder_name", Text),
    may("status", FLAG),
]);

const fn up_to(most: usize) -> Kind {
    Kind::TextUpTo(most)
}

pub(super) static LOCATION_CREATE: Shape = Shape::new(&[
    must("location_name", up_to(128)),
    may("parent_location_name", up_to(128)),
    may("contact_name", up_to(128)),
    may("contact_email", up_to(128)),
    may("contact_phone", up_to(64)),
    may("location_address", up_to(250)),
    may("location_city", up_to(100)),
    may("location_state", up_to(100)),
    may("location_country", up_to(100)),
    may("location_zipcode", up_to(64)),
]);

pub(super) static LOCATION_UPDATE: Shape = Shape::new(&[
    may("location_name", up_to(128)),
    may("parent_location_name", up_to(128)),
    may("contact_name", up_to(128)),
    may("contact_email", up_to(128)),
    may("contact_phone", up_to(64)),
    may("location_address", up_to(250)),
    may("location_city", up_to(100)),
    may("location_state", up_to(100)),
    may("location_country", up_to(100)),
    may("location_zipcode", up_to(64)),
]);
