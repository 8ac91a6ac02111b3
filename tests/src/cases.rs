//! Reads the hand-written wire expectations under `tests/wire/`.
