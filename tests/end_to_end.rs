//! The end-to-end suites, one file per resource or promise.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing
#![allow(clippy::too_many_lines)] // a scenario reads best from top to bottom

mod alarms {
    mod queues;
    mod requests;
    mod schedules;
    mod worker;
}

mod attacks {
    mod body_before_credential;
    mod breached_passwords;
    mod cdn_address;
    mod common_passwords;
    mod contention_holds_workers;
    mod device_codes;
    mod dispute_of_spent_quota;
    mod failed_sign_ins;
    mod foreign_partitions;
    mod forged_access_tokens;
    mod free_credit_farming;
    mod free_plan_storage;
    mod google_email_authority;
    mod google_tokens;
    mod host_header;
    mod idempotency_poisoning;
    mod keys_after_deletion;
    mod lockout_by_stranger;
    mod mail_queue_starvation;
    mod one_secret_for_all;
    mod passkey_copied;
    mod passkey_forged;
    mod passkey_replayed;
    mod plain_secrets;
    mod prehijack;
    mod prehijack_same_network;
    mod slack_bare_url;
    mod squatter_organizations;
    mod starved_schedules;
    mod stolen_session_persists;
    mod stripe_rate;
    mod timing;
    mod token_becomes_admin;
    mod two_factor_skipped;
    mod unproven_accounts_forever;
    mod windows_paths;
}

mod billing {
    mod alerts;
    mod cards;
    mod credits;
    mod deleted_organizations;
    mod duplicate_subscriptions;
    mod events;
    mod faults;
    mod interrupted_debits;
    mod notifications;
    mod pages;
    mod periods;
    mod plan_change {
        mod downgrade;
        mod races;
        mod refusals;
        mod upgrade;
    }
    mod plans;
    mod reconciliation;
    mod refunds;
    mod stripe_requests {
        mod conformance;
        mod idempotency_keys;
        mod parameters;
    }
    mod usage;
    mod webhooks;
}

mod checks {
    mod alarm_tests;
    mod alarms;
    mod architecture;
    mod auth_matrix;
    mod cdn;
    mod cost;
    mod docs;
    mod document_limits;
    mod events;
    mod firewall;
    mod gateway;
    mod guide_limits;
    mod kept_data;
    mod key_rotation;
    mod linters;
    mod openapi;
    mod openapi_limits;
    mod operator_commands;
    mod page_costs;
    mod page_list;
    mod quoted_constants;
    mod readme_verifiers;
    mod release_profile;
    mod round_trips;
    mod round_trips_of_organizations;
    mod round_trips_of_worker;
    mod schedules;
    mod scopes;
    mod secrets_refresh;
    mod seeds;
    mod sources;
    mod stylesheet;
    mod template;
    mod template_storage;
    mod tool_versions;
    mod walkthrough;
}

mod dashboard {
    mod activity;
    mod api_keys;
    mod artifacts;
    mod billing;
    mod device;
    mod empty_lists;
    mod form_faults;
    mod forms;
    mod google_pages;
    mod invitation_page;
    mod mail_notice;
    mod mailed_links;
    mod notifications;
    mod organizations;
    mod page_faults;
    mod page_titles;
    mod passkeys;
    mod person;
    mod profile;
    mod projects;
    mod security;
    mod service_faults;
    mod settings;
    mod sign_in;
    mod sign_up;
    mod team;
    mod tokens;
    mod usage;
}

mod model {
    mod credits;
}

mod operators {
    mod actions;
    mod agreed_quota;
    mod credits;
    mod organization_erasure;
    mod runbook;
    mod suspension;
    mod switches;
    mod two_factor_reset;
    mod two_factor_reset_refusals;
    mod two_factor_reset_stop_mails;
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
    mod activity_order;
    mod api_keys {
        mod create;
        mod created_by;
        mod grace_period;
        mod last_used;
        mod list;
        mod rights;
        mod rotate_and_revoke;
        mod round_trips;
    }
    mod artifacts {
        mod access;
        mod invalid_input;
        mod list;
        mod upload;
    }
    mod brief;
    mod change_email;
    mod client_activity {
        mod filters;
        mod list;
        mod member_events;
        mod pages;
        mod retention;
    }
    mod clients;
    mod connections;
    mod content;
    mod content_urls;
    mod delete_client;
    mod deletion;
    mod device_sign_in {
        mod account;
        mod concurrent;
        mod flow;
        mod input;
        mod refusals;
    }
    mod export;
    mod fork {
        mod copy;
        mod during_copy;
        mod many_files;
    }
    mod google;
    mod google_flow;
    mod google_provider;
    mod health;
    mod idempotency;
    mod invitations {
        mod accept;
        mod invite;
        mod limits;
        mod preview;
        mod resend;
    }
    mod login;
    mod members {
        mod list;
        mod remove;
        mod roles;
        mod viewer;
    }
    mod not_me;
    mod notifications;
    mod passkeys {
        mod account;
        mod concurrent;
        mod interrupted;
        mod invalid_input;
        mod last_way;
        mod manage;
        mod reauthenticate;
        mod sign_in;
    }
    mod password;
    mod profile;
    mod projects {
        mod access;
        mod change_and_delete;
        mod create;
        mod list;
    }
    mod reauthenticate;
    mod register {
        mod concurrent;
        mod create_account;
        mod input;
        mod unverified_account;
    }
    mod resend;
    mod restore;
    mod restore_client;
    mod runs {
        mod access;
        mod concurrent;
        mod list;
        mod start_and_finish;
    }
    mod security_mails;
    mod session;
    mod sessions;
    mod tokens {
        mod allowed_ips;
        mod create;
        mod describe;
        mod exchange;
        mod exchange_lifetime;
        mod key_set;
        mod last_used;
        mod list;
        mod restricted;
        mod revoke_and_expire;
        mod round_trips;
    }
    mod transfer;
    mod two_factor;
    mod two_factor_policy;
    mod two_factor_sign_in;
    mod undo_email;
    mod uploads;
    mod verify_email;
}

mod simulators {
    mod google;
    mod google_tokens;
    mod stripe {
        mod deliveries;
        mod pages;
        mod payments;
        mod requests;
    }
}

mod worker {
    mod account_erasure {
        mod batches;
        mod interrupted;
        mod restore;
        mod scope;
    }
    mod bounces;
    mod client_sweep;
    mod expiry_mails;
    mod faults;
    mod project_sweep;
    mod run_notifications {
        mod content;
        mod once;
        mod preferences;
        mod unreadable_rows;
    }
    mod slack;
}
