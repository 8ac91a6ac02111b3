//! Deskhand.
