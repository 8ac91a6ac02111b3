//! The only module that spells identifiers.
