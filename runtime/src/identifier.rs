//! Identifier newtypes: a ticket number can never be passed where a contact is meant.

/// Defines identifier newtypes over [`IdKind`](crate::shape::IdKind) tables.
///
/// `identifier! { /// doc  pub struct TicketNumber(i64) = &TICKET_NUMBER; }`, with `i64` or `String` inside.
#[macro_export]
macro_rules! identifier {
    ($(#[$attribute:meta])* pub struct $name:ident(String) = $kind:expr;) => {
        $crate::identifier!(@define $(#[$attribute])* pub struct $name(::std::string::String) = $kind;);

        impl ::core::convert::From<&str> for $name {
            #[inline]
            fn from(value: &str) -> Self {
                Self(value.to_owned())
            }
        }
    };
    ($(#[$attribute:meta])* pub struct $name:ident(i64) = $kind:expr;) => {
        $crate::identifier!(@define $(#[$attribute])* pub struct $name(i64) = $kind;);
    };
    (@define $(#[$attribute:meta])* pub struct $name:ident($inner:ty) = $kind:expr;) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl $crate::record::Member for $name {
            const SHAPE: $crate::shape::Shape = $crate::shape::Shape::Id($kind);

            #[inline]
            fn read(
                value: ::core::option::Option<$crate::serde_json::Value>,
                context: &$crate::record::Context<'_>,
            ) -> ::core::result::Result<Self, $crate::record::Fault> {
                <$inner as $crate::identifier::Inner>::read(value, context).map(Self)
            }

            #[inline]
            fn blank() -> Self {
                Self(<$inner as ::core::default::Default>::default())
            }

            #[inline]
            fn write(&self, _: $crate::record::Names) -> ::core::option::Option<$crate::serde_json::Value> {
                ::core::option::Option::Some($crate::serde_json::Value::from(self.0.clone()))
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::core::convert::From<$inner> for $name {
            #[inline]
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }
    };
}

use serde_json::Value;

use crate::record::{Context, Fault, Member};

/// What an identifier holds. Read leniently: vendors send one identifier as number here and as text there.
pub trait Inner: Sized {
    /// Reads it from the wire.
    ///
    /// # Errors
    /// The value is neither text nor a whole number.
    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault>;
}

impl Inner for i64 {
    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        <Self as Member>::read(value, context)
    }
}

impl Inner for String {
    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        match value {
            Some(Value::Number(number)) => Ok(number.to_string()),
            other => <Self as Member>::read(other, context),
        }
    }
}
