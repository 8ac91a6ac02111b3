//! Bodies for figures.

use crate::engine::Kind::{Any, Integer, List, Object, OneOf, Texts};
use crate::engine::{Kind, Shape};
use crate::gorgias::forms::{IDS, NAME, TEXT, WHEN, may, must};
use crate::gorgias::words::{GRANULARITY, REPORTING_OPERATOR, REPORTING_SCOPE, TIME_DIMENSION};

static FILTER: Shape = Shape::new(&[
    must("member", NAME),
    may("operator", OneOf(REPORTING_OPERATOR)),
    must("values", List(&Any)),
]);
static TIME: Shape = Shape::new(&[
    must("dimension", OneOf(TIME_DIMENSION)),
    must("granularity", OneOf(GRANULARITY)),
]);
const PAIR: Kind = Kind::Items(&TEXT, 2, 2);
static QUERY: Shape = Shape::new(&[
    must("scope", OneOf(REPORTING_SCOPE)),
    must("filters", List(&Object(&FILTER))),
    must("timezone", NAME),
    may("dimensions", Texts),
    may("measures", Texts),
    may("time_dimensions", List(&Object(&TIME))),
    may("order", List(&PAIR)),
]);
pub(in crate::gorgias) static REPORT: Shape = Shape::new(&[must("query", Object(&QUERY))]);

static PERIOD: Shape = Shape::new(&[must("start_datetime", WHEN), must("end_datetime", WHEN)]);
static LEGACY_FILTERS: Shape = Shape::new(&[
    must("period", Object(&PERIOD)),
    may("tags", IDS),
    may("agents", IDS),
    may("channels", Texts),
    may("campaigns", Texts),
    may("integrations", IDS),
    may("score", List(&Integer)),
]);
pub(in crate::gorgias) static LEGACY: Shape = Shape::new(&[must("filters", Object(&LEGACY_FILTERS))]);
