//! Checking arguments before anything is sent.
