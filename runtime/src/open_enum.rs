//! Open enumerations: known values have names, unknown ones are kept as they came.

use serde_json::Value;

use crate::record::{Context, Fault, integer};
use crate::shape::EnumTable;

/// Defines open enumerations over [`EnumTable`]s.
///
/// Variants stand in the order of the table. `open_enum! { /// doc  pub enum Priority(i64) = &PRIORITY { /// doc  Low = 0, High = 1 } }`
/// with `i64` for coded enumerations and `String` for words.
#[macro_export]
macro_rules! open_enum {
    ($($(#[$attribute:meta])* pub enum $name:ident($wire:ty) = $table:expr => { $($(#[$variant_attribute:meta])* $variant:ident = $index:literal,)+ })+) => {$(
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_attribute])* $variant,)+
            /// A value that the spec does not know, as it is on the wire.
            Unknown($wire),
        }

        impl $name {
            /// The word offered to callers; unknown values have none.
            #[inline]
            #[must_use]
            pub fn word(&self) -> ::core::option::Option<&'static str> {
                match self {
                    $(Self::$variant => ::core::option::Option::Some($table.values[$index].word),)+
                    Self::Unknown(_) => ::core::option::Option::None,
                }
            }
        }

        impl $crate::record::Member for $name {
            const SHAPE: $crate::shape::Shape = $crate::shape::Shape::Enum($table);

            #[inline]
            fn read(
                value: ::core::option::Option<$crate::serde_json::Value>,
                context: &$crate::record::Context<'_>,
            ) -> ::core::result::Result<Self, $crate::record::Fault> {
                let wire = <$wire as $crate::open_enum::Wire>::read(value, context)?;
                ::core::result::Result::Ok(match <$wire as $crate::open_enum::Wire>::index(&wire, $table) {
                    $(::core::option::Option::Some($index) => Self::$variant,)+
                    _ => Self::Unknown(wire),
                })
            }

            #[inline]
            fn blank() -> Self {
                Self::Unknown(<$wire as ::core::default::Default>::default())
            }

            #[inline]
            fn write(&self, _: $crate::record::Names) -> ::core::option::Option<$crate::serde_json::Value> {
                ::core::option::Option::Some(match self {
                    $(Self::$variant => <$wire as $crate::open_enum::Wire>::write($table, $index),)+
                    Self::Unknown(wire) => $crate::serde_json::Value::from(wire.clone()),
                })
            }
        }
    )+};
}

/// What an enumeration carries on the wire.
pub trait Wire: Sized {
    /// Reads the wire value.
    ///
    /// # Errors
    /// The value has another type.
    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault>;
    /// Position of the value in the table.
    fn index(&self, table: &EnumTable) -> Option<usize>;
    /// The wire value at a position.
    fn write(table: &EnumTable, index: usize) -> Value;
}

impl Wire for i64 {
    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        let read = match &value {
            Some(Value::Number(number)) => integer(number),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        read.ok_or_else(|| context.fault("a whole number", value.as_ref()))
    }

    fn index(&self, table: &EnumTable) -> Option<usize> {
        table.values.iter().position(|value| value.code == *self)
    }

    fn write(table: &EnumTable, index: usize) -> Value {
        Value::from(table.values[index].code)
    }
}

impl Wire for String {
    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        match value {
            Some(Value::String(text)) => Ok(text),
            other => Err(context.fault("text", other.as_ref())),
        }
    }

    fn index(&self, table: &EnumTable) -> Option<usize> {
        table.values.iter().position(|value| value.word == self).or_else(|| {
            table
                .values
                .iter()
                .position(|value| value.word.eq_ignore_ascii_case(self))
        })
    }

    fn write(table: &EnumTable, index: usize) -> Value {
        Value::from(table.values[index].word)
    }
}
