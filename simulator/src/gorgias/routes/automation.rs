//! Macros, rules and jobs.

use super::{BY_CREATION, CURSOR, LIMIT, Operation, delete, get, post, put};
use crate::engine::ParamKind::{Digits, OneOf, Repeated, Text};
use crate::gorgias::forms::{FLAG, NUMBER_PARAM, query};
use crate::gorgias::operations::{jobs, macros, rules};
use crate::gorgias::shapes::automation::{
    JOB_CREATE, JOB_UPDATE, MACRO_CREATE, MACRO_IDS, MACRO_UPDATE, RULE_CREATE, RULE_PRIORITIES, RULE_UPDATE,
};
use crate::gorgias::words::{JOB_STATUS, JOB_TYPE};

pub(super) static AUTOMATION: &[Operation] = &[
    get("list_macros", "/api/macros")
        .scope("macros:read")
        .query(&[
            query("search", Text),
            query("tags", Repeated(&Text, 100)),
            query("languages", Repeated(&Text, 100)),
            query("archived", FLAG),
            query("ticket_id", NUMBER_PARAM),
            query("message_id", NUMBER_PARAM),
            query("number_predictions", Digits),
            query(
                "_fallback_order_by",
                OneOf(&["name", "created_datetime", "updated_datetime", "usage"]),
            ),
            query(
                "order_by",
                OneOf(&[
                    "name:asc",
                    "name:desc",
                    "created_datetime:asc",
                    "created_datetime:desc",
                    "updated_datetime:asc",
                    "updated_datetime:desc",
                    "usage:asc",
                    "usage:desc",
                    "relevance:asc",
                    "relevance:desc",
                    "language:asc",
                    "language:desc",
                ]),
            ),
            CURSOR,
            LIMIT,
        ])
        .on(macros::list),
    post("create_macro", "/api/macros")
        .scope("macros:write")
        .json(&MACRO_CREATE)
        .on(macros::create),
    put("archive_macros", "/api/macros/archive")
        .scope("macros:write")
        .status(207)
        .json(&MACRO_IDS)
        .on(macros::archive),
    put("unarchive_macros", "/api/macros/unarchive")
        .scope("macros:write")
        .status(207)
        .json(&MACRO_IDS)
        .on(macros::unarchive),
    get("get_macro", "/api/macros/{id}")
        .scope("macros:read")
        .on(macros::get),
    put("update_macro", "/api/macros/{id}")
        .scope("macros:write")
        .json(&MACRO_UPDATE)
        .on(macros::update),
    delete("delete_macro", "/api/macros/{id}")
        .scope("macros:write")
        .on(macros::remove),
    get("list_rules", "/api/rules")
        .scope("rules:read")
        .query(&[BY_CREATION, CURSOR, LIMIT])
        .on(rules::list),
    post("create_rule", "/api/rules")
        .scope("rules:write")
        .for_admins()
        .json(&RULE_CREATE)
        .on(rules::create),
    post("update_rules_priorities", "/api/rules/priorities")
        .scope("rules:write")
        .for_admins()
        .status(202)
        .json(&RULE_PRIORITIES)
        .on(rules::set_priorities),
    get("get_rule", "/api/rules/{id}").scope("rules:read").on(rules::get),
    put("update_rule", "/api/rules/{id}")
        .scope("rules:write")
        .for_admins()
        .json(&RULE_UPDATE)
        .on(rules::update),
    delete("delete_rule", "/api/rules/{id}")
        .scope("rules:write")
        .for_admins()
        .on(rules::remove),
    get("list_jobs", "/api/jobs")
        .scope("jobs:read")
        .query(&[
            query("status", OneOf(JOB_STATUS)),
            query("type", OneOf(JOB_TYPE)),
            BY_CREATION,
            CURSOR,
            LIMIT,
        ])
        .on(jobs::list),
    post("create_job", "/api/jobs")
        .scope("jobs:write")
        .json(&JOB_CREATE)
        .on(jobs::create),
    get("get_job", "/api/jobs/{id}").scope("jobs:read").on(jobs::get),
    put("update_job", "/api/jobs/{id}")
        .scope("jobs:write")
        .json(&JOB_UPDATE)
        .on(jobs::update),
    delete("cancel_job", "/api/jobs/{id}")
        .scope("jobs:write")
        .on(jobs::cancel),
];
