//! Polymorphic values: one Rust enum for the shapes that a sibling member chooses between.

/// Defines an enum over [`Shape::Variants`](crate::shape::Shape::Variants).
///
/// `variants! { /// doc  pub enum Content { /// doc  Text(String) = "text", … } }`; the text is the value
/// of the choosing sibling on the wire.
#[macro_export]
macro_rules! variants {
    ($($(#[$attribute:meta])* pub enum $name:ident { $($(#[doc = $doc:literal])* $variant:ident($inner:ty) = $tag:literal,)+ })+) => {$(
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $($(#[doc = $doc])* $variant($inner),)+
            /// A value whose sibling the spec does not know.
            Unknown($crate::serde_json::Value),
        }

        impl $crate::record::Member for $name {
            const SHAPE: $crate::shape::Shape = $crate::shape::Shape::Variants(&[
                $($crate::shape::Variant {
                    tag: $tag,
                    shape: <$inner as $crate::record::Member>::SHAPE,
                    doc: ::core::concat!($($doc),*),
                },)+
            ]);

            #[inline]
            fn read(
                value: ::core::option::Option<$crate::serde_json::Value>,
                context: &$crate::record::Context<'_>,
            ) -> ::core::result::Result<Self, $crate::record::Fault> {
                match context.tag {
                    $(::core::option::Option::Some($tag) => <$inner as $crate::record::Member>::read(value, context).map(Self::$variant),)+
                    _ => <$crate::serde_json::Value as $crate::record::Member>::read(value, context).map(Self::Unknown),
                }
            }

            #[inline]
            fn blank() -> Self {
                Self::Unknown($crate::serde_json::Value::Null)
            }

            #[inline]
            fn write(&self, names: $crate::record::Names) -> ::core::option::Option<$crate::serde_json::Value> {
                match self {
                    $(Self::$variant(value) => $crate::record::Member::write(value, names),)+
                    Self::Unknown(value) => ::core::option::Option::Some(value.clone()),
                }
            }
        }
    )+};
}
