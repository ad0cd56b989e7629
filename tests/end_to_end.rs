//! The end-to-end suites, one file per resource or promise.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing
#![allow(clippy::too_many_lines)] // a scenario reads best from top to bottom

mod attacks {
    mod google_tokens;
    mod host_header;
    mod plain_secrets;
    mod prehijack;
    mod timing;
}

mod billing {
    mod credits;
    mod events;
    mod faults;
    mod notifications;
    mod pages;
    mod periods;
    mod plans;
    mod reconciliation;
    mod refunds;
    mod requests;
    mod usage;
    mod webhooks;
}

mod checks {
    mod auth_matrix;
    mod cost;
    mod docs;
    mod events;
    mod gateway;
    pub(crate) mod key_rotation;
    mod openapi;
    mod openapi_limits;
    pub(crate) mod round_trips;
    mod round_trips_of_organizations;
    mod seeds;
    mod template;
    mod walkthrough;
}

mod races {
    mod artifacts;
    mod content_overwritten;
    mod invitations;
    mod projects;
    mod torn_reads;
}

mod routes {
    mod activity;
    mod activity_csv;
    pub(crate) mod api_keys;
    mod artifacts;
    mod brief;
    mod change_email;
    mod client_activity;
    mod clients;
    mod connections;
    mod content;
    mod content_urls;
    pub(crate) mod delete_client;
    pub(crate) mod deletion;
    mod export;
    mod fork;
    mod google;
    mod google_flow;
    mod google_provider;
    mod health;
    mod idempotency;
    pub(crate) mod invitations;
    mod login;
    pub(crate) mod members;
    mod notifications;
    mod password;
    mod profile;
    pub(crate) mod projects;
    mod register;
    mod resend;
    mod restore;
    pub(crate) mod runs;
    mod session;
    mod sessions;
    mod tokens;
    pub(crate) mod transfer;
    mod two_factor;
    pub(crate) mod two_factor_sign_in;
    mod undo_email;
    mod uploads;
    mod verify_email;
}

mod simulators {
    mod google;
    mod google_tokens;
    mod stripe;
}

mod worker {
    mod account_erasure;
    mod client_sweep;
    mod faults;
    mod project_sweep;
    pub(crate) mod run_notifications;
    mod slack;
}
