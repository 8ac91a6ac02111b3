//! The audit log and figures.

use super::{BY_CREATION, CURSOR, LIMIT, Operation, get, post};
use crate::engine::Param;
use crate::engine::ParamKind::{Between, Form, OneOf, Repeated};
use crate::gorgias::forms::{MOMENT, NUMBER_PARAM, query};
use crate::gorgias::operations::{events, reporting};
use crate::gorgias::shapes::reports::{LEGACY, REPORT};
use crate::gorgias::words::{EVENT_OBJECT, EVENT_TYPE, LEGACY_STATISTIC};

static LEGACY_NAME: &[Param] = &[Param::required("name", OneOf(LEGACY_STATISTIC))];

const fn legacy(operation: Operation) -> Operation {
    Operation {
        route: operation.route.ids(LEGACY_NAME),
        ..operation
    }
}

pub(super) static REPORTS: &[Operation] = &[
    get("list_events", "/api/events")
        .scope("events:read")
        .query(&[
            query("created_datetime[gt]", Form(&MOMENT)),
            query("created_datetime[gte]", Form(&MOMENT)),
            query("created_datetime[lt]", Form(&MOMENT)),
            query("created_datetime[lte]", Form(&MOMENT)),
            query("object_id", NUMBER_PARAM),
            query("object_type", OneOf(EVENT_OBJECT)),
            query("types", Repeated(&OneOf(EVENT_TYPE), 100)),
            query("user_ids", Repeated(&NUMBER_PARAM, 1)),
            BY_CREATION,
            CURSOR,
            LIMIT,
        ])
        .on(events::list),
    get("get_event", "/api/events/{id}")
        .scope("events:read")
        .on(events::get),
    post("retrieve_reporting_statistic", "/api/reporting/stats")
        .scope("statistics:read")
        .query(&[CURSOR, query("limit", Between(1, 10_000))])
        .status(200)
        .json(&REPORT)
        .on(reporting::retrieve),
    legacy(post("retrieve_statistic", "/api/stats/{name}"))
        .scope("statistics:read")
        .json(&LEGACY)
        .on(reporting::gone),
    legacy(post("download_statistic", "/api/stats/{name}/download"))
        .scope("statistics:read")
        .json(&LEGACY)
        .on(reporting::gone),
];
