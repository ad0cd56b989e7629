//! Limits and lifetimes that SECURITY and DATA-MODEL quote equal the constants.
//!
//! Each number that is quoted with a unit, or after "at most", needs a row here. Most constants are private to
//! `shared`, so their values are read from its source.

use shared::accounts::failed_sign_in::FAILURE_LOG_LIMIT;
use shared::artifacts::request_upload::UPLOAD_THROTTLE;
use shared::billing::stripe_throttle::STRIPE_THROTTLE;
use shared::config::PasswordCost;
use shared::device_sign_in::{DEVICE_TOKEN_DAYS, MAX_VIEWERS, MAX_WRONG_CODES};
use shared::mailed_codes::{CODE_WINDOW, MAX_CODES_PER_WINDOW};
use shared::notifications::{NOTIFICATIONS_PER_USER, RUNS_PER_ORGANIZATION};
use shared::organizations::create::CREATE_THROTTLE;
use shared::organizations::invitations::invite::INVITE_THROTTLE;
use shared::projects::fork::FORK_THROTTLE;
use shared::secrets::REFRESH_TIMEOUT;
use shared::slack::SLACK_TEST_THROTTLE;
use shared::throttle::Throttle;

use super::quoted_constants::{Quote, assert_quotes};

use Quote::{Constant, Literal};

/// Maximum length of a credential id.
const CREDENTIAL_ID: Quote = Constant("webauthn::MAX_CREDENTIAL_ID_LEN", "bytes");

/// Returns the numbers that each section of SECURITY must quote.
fn security() -> Vec<(&'static str, Vec<Quote>)> {
    let recent = || Constant("recent_proof::RECENT_PROOF_TTL", "minutes");
    let delay = |unit| Constant("attempt_limiter::MAX_DELAY", unit);
    let undo = || Constant("undoable_changes::EMAIL_CHANGE_UNDO_TTL", "days");
    let week = || Constant("recent_access::RECENT_ACCESS_PERIOD", "days");
    let link = || Constant("mailed_link::RESET_LINK_TTL", "minutes");
    let challenge = |unit| Constant("challenge::CHALLENGE_TTL", unit);
    let ceremony = || Constant("ceremony::CEREMONY_TTL", "minutes");
    let invitation = || Constant("lifetime::INVITATION_TTL", "days");
    let listed = Constant("lifetime::INVITATION_HISTORY", "days");
    let device_code = |unit| Constant("mod::DEVICE_CODE_TTL", unit);
    let download = || Constant("download_url::DOWNLOAD_URL_TTL", "minutes");
    vec![
        (
            "Passwords",
            vec![
                // The test below compares this and the 100 invitations.
                Literal("19,456 kib"),
                Constant("new_password::MAX_PASSWORD_LEN", "characters"),
                week(),
                Constant("threads::THREAD_TIMEOUT", "seconds"),
            ],
        ),
        (
            "Mailed codes",
            vec![
                Constant("limits::CODE_TTL", "minutes"),
                Constant("limits::MAX_RESETS_PER_WINDOW", ""),
                Constant("limits::RESET_WINDOW", "minutes"),
                Constant("request_code::MAX_REQUESTS_PER_ADDRESS", ""),
                Constant("request_code::ADDRESS_WINDOW", "minutes"),
            ],
        ),
        (
            "Account recovery",
            vec![
                link(),
                Constant("mailed_link::NOT_ME_LINK_TTL", "days"),
                week(),
                week(),
                week(),
                week(),
                week(),
            ],
        ),
        (
            "Sessions",
            vec![
                Constant("lifetime::SESSION_TTL", "days"),
                Constant("lifetime::SESSION_IDLE_TIMEOUT", "days"),
            ],
        ),
        ("Recent proof of identity", vec![recent()]),
        (
            "Device sign-in",
            vec![
                device_code("minutes"),
                Constant("mod::COLLECT_AGAIN_TTL", "seconds"),
                device_code("minutes"),
                device_code("minutes"),
                Constant("mod::POLL_INTERVAL_STEP", "seconds"),
            ],
        ),
        // The days before an expiry on which people are warned: `expiry_reminder::WARNING_DAYS`.
        ("Security mails", vec![Literal("7 days"), Literal("7 days")]),
        (
            "Mail that comes back",
            vec![
                Constant("suppression_reason::CODE_PAUSE_AFTER_COMPLAINT", "days"),
                Constant("mod::SUPPRESSION_TTL", "days"),
            ],
        ),
        (
            "Two-factor authentication",
            vec![
                Constant("totp::STEP_SECONDS", "seconds"),
                challenge("minutes"),
                Constant("challenge::MAX_CHALLENGE_ATTEMPTS", "tries"),
                delay("minutes"),
                week(),
            ],
        ),
        (
            "Passkeys",
            vec![ceremony(), Constant("register::MAX_PASSKEYS", ""), ceremony(), CREDENTIAL_ID],
        ),
        ("Change of address", vec![undo(), undo()]),
        (
            "Account activity",
            vec![
                Constant("mod::USER_EVENT_TTL", "days"),
                // The limit is compared below.
                Literal("10 an hour"),
            ],
        ),
        (
            "Deleting an organization",
            vec![Constant("scheduled_deletion::ORGANIZATION_GRACE_PERIOD", "days")],
        ),
        ("Deleting an account", vec![Constant("grace_period::DELETION_GRACE_PERIOD", "days")]),
        (
            "Data left after erasure",
            // Backups are kept by AWS.
            vec![
                Constant("dead_letters::RETENTION", "days"),
                Constant("mod::SUPPRESSION_TTL", "days"),
                Literal("35 days"),
                Constant("dead_letters::RETENTION", "days"),
            ],
        ),
        // The test below compares both numbers.
        ("Slack webhooks", vec![Literal("10"), Literal("10 minutes")]),
        ("Members and invitations", vec![invitation(), Literal("100")]),
        (
            "Tokens and keys",
            vec![
                Constant("allowed_ips::MAX_ALLOWED_IPS", ""),
                Constant("previous_value::MAX_GRACE_SECONDS", "days"),
            ],
        ),
        (
            "Access tokens for other services",
            vec![
                Constant("mod::ACCESS_TOKEN_TTL", "minutes"),
                Constant("mod::ACCESS_TOKEN_TTL", "minutes"),
                Constant("key_set::KEY_SET_MAX_AGE", "minutes"),
                // The interval in which functions read their secrets again, and then that of verifiers.
                Literal("10 minutes"),
            ],
        ),
        ("Projects", vec![Constant("markdown::MAX_BRIEF_BYTES", "bytes")]),
        (
            "Rate limits",
            vec![
                // The test below compares this and the codes an hour.
                Literal("30 a minute"),
                // The last of the growing delays.
                Literal("300 s"),
                delay("min"),
                delay("min"),
                delay("min"),
                Literal("5 an hour"),
                Constant("limits::RESEND_INTERVAL", "s"),
                Constant("limits::RESET_WINDOW", "min"),
                Constant("limits::RESEND_INTERVAL", "s"),
                Constant("request_code::ADDRESS_WINDOW", "min"),
                challenge("min"),
                device_code("min"),
                Constant("mod::POLL_INTERVAL", "s"),
                Constant("mod::POLL_INTERVAL_STEP", "s"),
                // The test below compares these with the throttles.
                Literal("1,000 an hour"),
                Literal("20 an hour"),
                Literal("60 an hour"),
                Literal("60 a minute"),
                Literal("100 an hour"),
                Literal("60 an hour"),
                Constant("body::MAX_BODY_BYTES", "kib"),
                // The 6 MB of a file.
                Literal("6"),
                Constant("body::MAX_BODY_BYTES", "kib"),
                Constant("duplicate_keys::MAX_KEYS", ""),
            ],
        ),
        (
            "Google sign-in",
            vec![
                Constant("http::MAX_RESPONSE_BYTES", "kib"),
                Constant("openid_provider::PROVIDER_TIMEOUT", "seconds"),
            ],
        ),
        (
            "Files",
            vec![
                download(),
                Constant("content_disposition::MAX_NAME_LEN", "bytes"),
                // Lambda's limit.
                Literal("6,000,000 bytes"),
                Constant("size_limit::MAX_ARTIFACT_BYTES", "mib"),
            ],
        ),
        (
            "Secrets and key rotation",
            // The milliseconds are compared below.
            vec![Literal("500"), Constant("refresh::RETRY_INTERVAL", "seconds")],
        ),
        ("Account pre-hijacking", vec![Constant("registration_expiry::REGISTRATION_TTL", "days")]),
        (
            "Known limits",
            vec![
                delay("minutes"),
                week(),
                week(),
                week(),
                week(),
                week(),
                invitation(),
                listed,
                download(),
            ],
        ),
    ]
}

/// Returns the numbers that each section of DATA-MODEL must quote.
fn data_model() -> Vec<(&'static str, Vec<Quote>)> {
    let notice = || Constant("kind::NOTICE_TTL", "days");
    let interval = || Constant("limits::RESEND_INTERVAL", "s");
    let code = || Constant("limits::CODE_TTL", "minutes");
    vec![
        // The lengths of ids.
        ("Conventions", vec![Literal("26 characters"), Literal("42 characters")]),
        (
            "User",
            vec![
                Constant("recovery_codes::RECOVERY_CODE_COUNT", ""),
                Constant("register::MAX_PASSKEYS", ""),
                Constant("devices::MAX_KNOWN_DEVICES", ""),
                Constant("undoable_changes::MAX_UNDOABLE_CHANGES", ""),
            ],
        ),
        (
            "Suppressed address",
            vec![
                Constant("suppression_reason::CODE_PAUSE_AFTER_COMPLAINT", "days"),
                Constant("mod::SUPPRESSION_TTL", "days"),
                Constant("mod::SUPPRESSION_TTL", "days"),
            ],
        ),
        (
            "Session",
            vec![
                Constant("lifetime::SESSION_TTL", "days"),
                Constant("requester::MAX_USER_AGENT_LEN", "characters"),
                Constant("lifetime::SESSION_IDLE_TIMEOUT", "days"),
            ],
        ),
        ("Challenge", vec![Constant("challenge::CHALLENGE_TTL", "minutes")]),
        ("Passkey", vec![CREDENTIAL_ID, Constant("recent_access::RECENT_ACCESS_PERIOD", "days")]),
        ("Ceremony", vec![Constant("ceremony::CEREMONY_TTL", "minutes")]),
        ("Email undo", vec![Constant("undoable_changes::EMAIL_CHANGE_UNDO_TTL", "days")]),
        (
            "Mailed link",
            vec![
                Constant("mailed_link::RESET_LINK_TTL", "minutes"),
                Constant("mailed_link::NOT_ME_LINK_TTL", "days"),
            ],
        ),
        (
            "Erasure",
            vec![
                Constant("grace_period::DELETION_GRACE_PERIOD", "days"),
                Constant("registration_expiry::REGISTRATION_TTL", "days"),
            ],
        ),
        (
            "Scheduled deletion",
            vec![Constant("scheduled_deletion::ORGANIZATION_GRACE_PERIOD", "days")],
        ),
        (
            "Invitation",
            vec![
                Constant("lifetime::INVITATION_HISTORY", "days"),
                Constant("lifetime::INVITATION_TTL", "days"),
            ],
        ),
        (
            "Token",
            vec![
                Constant("plain_token::ENDING_LEN", "characters"),
                Constant("allowed_ips::MAX_ALLOWED_IPS", ""),
            ],
        ),
        ("Ledger", vec![Constant("update::CHANGED_LEDGER_TTL", "days")]),
        ("Stripe object", vec![Constant("processed_event::PROCESSED_EVENT_TTL", "days")]),
        ("Brief", vec![Constant("markdown::MAX_BRIEF_BYTES", "bytes")]),
        ("Artifact", vec![Constant("path::MAX_PATH_LEN", "bytes")]),
        (
            "Outbox mail and decoy",
            vec![code(), notice(), Constant("dead_letters::RETENTION", "days")],
        ),
        ("Outbox message", vec![notice()]),
        ("Delivery record", vec![Constant("delivery_record::DELIVERY_RECORD_TTL", "days")]),
        (
            "Code",
            vec![
                interval(),
                interval(),
                code(),
                Constant("limits::MAX_CODES_PER_WINDOW", ""),
                Constant("limits::RESET_WINDOW", "minutes"),
                Constant("limits::MAX_RESETS_PER_WINDOW", ""),
            ],
        ),
        (
            "Device sign-in",
            vec![Constant("mod::DEVICE_CODE_TTL", "minutes"), Constant("mod::MAX_VIEWERS", "")],
        ),
        (
            "Throttle",
            vec![
                Constant("request_code::ADDRESS_WINDOW", "minutes"),
                Constant("mod::DEVICE_CODE_TTL", "minutes"),
            ],
        ),
        ("Failed attempts", vec![Constant("attempt_limiter::FAILED_ATTEMPTS_TTL", "h")]),
        ("Idempotency record", vec![Constant("idempotency::RESPONSE_TTL", "h")]),
        // The months that an organization's plan shows.
        (
            "Audit event",
            vec![
                Constant("mod::USER_EVENT_TTL", "days"),
                Constant("member_events::MAX_ORGANIZATIONS_PER_EVENT", ""),
                Literal("24"),
            ],
        ),
    ]
}

#[test]
fn limits_quoted_in_security_equal_the_constants() {
    assert_eq!(PasswordCost::PRODUCTION.memory_kib, 19_456);
    assert_eq!(INVITE_THROTTLE.limit, 100);
    assert_eq!(REFRESH_TIMEOUT.as_millis(), 500);
    assert_eq!(FAILURE_LOG_LIMIT, 10);
    for (throttle, limit) in [
        (UPLOAD_THROTTLE, 1_000),
        (FORK_THROTTLE, 20),
        (CREATE_THROTTLE, 60),
        (RUNS_PER_ORGANIZATION, 100),
        (NOTIFICATIONS_PER_USER, 60),
    ] {
        assert_eq!((throttle.limit, throttle.window.as_secs()), (limit, 3_600));
    }
    let slack_test = SLACK_TEST_THROTTLE;
    assert_eq!((slack_test.limit, slack_test.window.as_secs()), (10, 10 * 60));
    assert_eq!((STRIPE_THROTTLE.limit, STRIPE_THROTTLE.window.as_secs()), (60, 60));
    assert_eq!(Throttle::unauthenticated("").limit, 30);
    assert_eq!((MAX_CODES_PER_WINDOW, CODE_WINDOW.as_secs()), (5, 60 * 60));
    assert_eq!((MAX_WRONG_CODES, MAX_VIEWERS, DEVICE_TOKEN_DAYS), (5, 5, 90));
    assert_quotes("SECURITY.md", security());
}

#[test]
fn limits_quoted_in_the_data_model_equal_the_constants() {
    assert_quotes("DATA-MODEL.md", data_model());
}
