//! The tools on the local stack, as processes of their own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing
#![allow(clippy::too_many_lines)] // a scenario reads best from top to bottom

mod backfill;
mod check_secret;
mod import;
mod imported_passwords;
mod reconcile;
mod redrive;
mod restore_rows;
mod runbook;
mod support;
