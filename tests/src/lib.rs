//! End-to-end tests across the crates: one file a subject, under `tests/`.
