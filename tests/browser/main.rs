//! The dashboard in Chromium, as people use it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing
#![allow(clippy::too_many_lines)] // a scenario reads best from top to bottom

mod dialogs;
mod every_page;
mod journey;
mod old_links;
mod passkeys;
mod profile;
mod uploads;
