//! JSON Schemas computed from tables.
