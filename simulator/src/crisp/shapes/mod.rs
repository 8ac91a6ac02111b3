//! What may stand in the bodies of requests.

mod account;
mod campaigns;
mod conversations;
mod helpdesk;
mod people;
mod settings;
mod website;

pub(super) use account::*;
pub(super) use campaigns::*;
pub(super) use conversations::*;
pub(super) use helpdesk::*;
pub(super) use people::*;
pub(super) use settings::*;
pub(super) use website::*;

use super::forms::{URL, UUID};
use crate::engine::Kind::{Any, Form, List, Number, Object, OneOf, Text};
use crate::engine::{Field, Kind, Shape};

/// A member that must be there; text in it must not be blank.
const fn must(name: &'static str, kind: Kind) -> Field {
    Field::required(name, kind)
}

/// A member that may be there.
const fn may(name: &'static str, kind: Kind) -> Field {
    Field::optional(name, kind)
}

/// An object of any members.
pub(in crate::crisp) static ANY_OBJECT: Shape = Shape::new(&[]).open();

pub(in crate::crisp) static VERIFY_CHALLENGE: Shape = Shape::new(&[
    must("method", OneOf(&["password", "token", "google"])),
    must("secret", Text),
]);

pub(in crate::crisp) static WEBSITE_FILTER: Shape = Shape::new(&[
    may("model", Text),
    may("criterion", Text),
    may("operator", Text),
    may("query", List(&Any)),
]);

pub(in crate::crisp) static USER_REF: Shape = Shape::new(&[must("user_id", Form(&UUID))]);

pub(in crate::crisp) static SIGNED_USER: Shape =
    Shape::new(&[may("type", Text), may("nickname", Text), may("avatar", Form(&URL))]);

pub(in crate::crisp) static GEOLOCATION: Shape = Shape::new(&[
    may("country", Text),
    may("region", Text),
    may("city", Text),
    may("coordinates", Object(&COORDINATES)),
]);

pub(in crate::crisp) static COORDINATES: Shape = Shape::new(&[may("latitude", Number), may("longitude", Number)]);
