//! What the people routes take.

use super::super::forms::{URL, UUID};
use super::{GEOLOCATION, WEBSITE_FILTER, may, must};
use crate::engine::Kind::{Boolean, Email, Form, Integer, List, Map, Object, OneOf, Scalar, Text, Whole};
use crate::engine::Shape;

pub(in crate::crisp) static BATCH_PEOPLE_SELECTOR: Shape = Shape::new(&[
    may("profiles", List(&Form(&UUID))),
    may("search", Object(&BATCH_PEOPLE_SEARCH)),
]);

pub(in crate::crisp) static BATCH_PEOPLE_SEARCH: Shape = Shape::new(&[
    may("filter", List(&Object(&WEBSITE_FILTER))),
    may("operator", OneOf(&["and", "or"])),
]);

pub(in crate::crisp) static PERSON: Shape = Shape::new(&[
    may("nickname", Text),
    may("avatar", Form(&URL)),
    may("gender", Text),
    may("phone", Text),
    may("address", Text),
    may("description", Text),
    may("website", Text),
    may("timezone", Whole),
    may("profiles", List(&Object(&PERSON_PROFILE))),
    may("employment", Object(&PERSON_EMPLOYMENT)),
    may("geolocation", Object(&GEOLOCATION)),
    may("locales", List(&Text)),
]);

pub(in crate::crisp) static PERSON_PROFILE: Shape =
    Shape::new(&[may("type", Text), may("handle", Text), may("url", Form(&URL))]);

pub(in crate::crisp) static PERSON_EMPLOYMENT: Shape = Shape::new(&[
    may("name", Text),
    may("domain", Text),
    may("title", Text),
    may("role", Text),
    may("seniority", Text),
]);

pub(in crate::crisp) static COMPANY: Shape = Shape::new(&[
    may("name", Text),
    may("legal_name", Text),
    may("domain", Text),
    may("url", Form(&URL)),
    may("description", Text),
    may("timezone", Whole),
    may("phones", List(&Text)),
    may("emails", List(&Text)),
    may("geolocation", Object(&GEOLOCATION)),
    may("metrics", Object(&COMPANY_METRICS)),
    may("tags", List(&Text)),
]);

pub(in crate::crisp) static COMPANY_METRICS: Shape = Shape::new(&[
    may("employees", Integer),
    may("market_cap", Integer),
    may("raised", Integer),
    may("arr", Integer),
]);

pub(in crate::crisp) static IMPORT_MAPPING: Shape = Shape::new(&[must("column", Integer), must("field", Text)]);

pub(in crate::crisp) static IMPORT_OPTIONS: Shape =
    Shape::new(&[may("column_separator", Text), may("skip_header", Boolean)]);

pub(in crate::crisp) static PEOPLE_LISTS_FORGET_SEGMENT: Shape = Shape::new(&[must("segment", Text)]);

pub(in crate::crisp) static PEOPLE_LISTS_FORGET_KEY: Shape = Shape::new(&[must("key", Text)]);

pub(in crate::crisp) static PEOPLE_LISTS_FORGET_EVENT: Shape = Shape::new(&[must("text", Text)]);

pub(in crate::crisp) static PEOPLE_CREATE: Shape = Shape::new(&[
    must("email", Email),
    must("person", Object(&PERSON)),
    may("company", Object(&COMPANY)),
    may("segments", List(&Text)),
    may("notepad", Text),
    may("active", Integer),
]);

pub(in crate::crisp) static PEOPLE_SAVE: Shape = Shape::new(&[
    must("email", Email),
    must("person", Object(&PERSON)),
    may("company", Object(&COMPANY)),
    may("segments", List(&Text)),
    may("notepad", Text),
    may("active", Integer),
]);

pub(in crate::crisp) static PEOPLE_UPDATE: Shape = Shape::new(&[
    may("email", Email),
    may("person", Object(&PERSON)),
    may("company", Object(&COMPANY)),
    may("segments", List(&Text)),
    may("notepad", Text),
    may("active", Integer),
]);

pub(in crate::crisp) static PEOPLE_ADD_EVENT: Shape = Shape::new(&[
    must("text", Text),
    may("data", Map(&Scalar)),
    may(
        "color",
        OneOf(&[
            "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "grey", "black",
        ]),
    ),
]);

pub(in crate::crisp) static PEOPLE_SAVE_DATA: Shape = Shape::new(&[must("data", Map(&Scalar))]);

pub(in crate::crisp) static PEOPLE_UPDATE_DATA: Shape = Shape::new(&[must("data", Map(&Scalar))]);

pub(in crate::crisp) static PEOPLE_UPDATE_SUBSCRIPTION: Shape = Shape::new(&[must("email", Boolean)]);

pub(in crate::crisp) static PEOPLE_LISTS_EXPORT: Shape = Shape::new(&[
    may("profiles", List(&Form(&UUID))),
    may("search", Object(&BATCH_PEOPLE_SEARCH)),
]);

pub(in crate::crisp) static PEOPLE_LISTS_IMPORT: Shape = Shape::new(&[
    must("url", Form(&URL)),
    must("mapping", List(&Object(&IMPORT_MAPPING))),
    must("options", Object(&IMPORT_OPTIONS)),
]);
