//! Limits and lifetimes that the OpenAPI document quotes equal the constants.
//!
//! Descriptions are doc comments, which cannot contain a constant. So each number that is quoted with a
//! unit, or after "at most", needs a row here.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use shared::access_tokens::ACCESS_TOKEN_TTL;
use shared::accounts::deletion::DELETION_GRACE_PERIOD;
use shared::accounts::email_change::{EMAIL_CHANGE_UNDO_TTL, MAX_UNDOABLE_CHANGES};
use shared::accounts::export::{MAX_EVENTS, MAX_ORGANIZATIONS, MAX_SESSIONS, MAX_TOKENS};
use shared::accounts::passkeys::{CEREMONY_TTL, MAX_PASSKEYS};
use shared::accounts::password::MAX_PASSWORD_LEN;
use shared::accounts::request_code::{ADDRESS_WINDOW, MAX_REQUESTS_PER_ADDRESS};
use shared::accounts::two_factor::challenge::{CHALLENGE_TTL, MAX_CHALLENGE_ATTEMPTS};
use shared::accounts::two_factor::setup::SETUP_TTL;
use shared::accounts::{
    MAX_DELAY, MAX_EXPORTED_LINKS, MAX_RECENT_TOKENS, NOT_ME_LINK_TTL, RECENT_ACCESS_PERIOD,
    REGISTRATION_TTL, RESET_LINK_TTL,
};
use shared::activity::csv_export::MAX_CSV_EVENTS;
use shared::artifacts::request_upload::UPLOAD_THROTTLE;
use shared::artifacts::{MAX_ARTIFACT_BYTES, MAX_PATH_LEN};
use shared::blobs::{DOWNLOAD_URL_TTL, UPLOAD_URL_TTL};
use shared::device_sign_in::{COLLECT_AGAIN_TTL, POLL_INTERVAL_STEP};
use shared::google::PENDING_AUTHORIZATION_TTL;
use shared::mail::suppression::RETRY_INTERVAL;
use shared::mailed_codes::{
    CODE_TTL, CODE_WINDOW, MAX_CODE_ATTEMPTS, MAX_CODES_PER_WINDOW, RESET_WINDOW,
};
use shared::organizations::create::CREATE_THROTTLE;
use shared::organizations::invitations::invite::{INVITE_ADDRESS_THROTTLE, INVITE_THROTTLE};
use shared::organizations::invitations::{INVITATION_HISTORY, INVITATION_TTL};
use shared::organizations::scheduled_deletion::ORGANIZATION_GRACE_PERIOD;
use shared::projects::brief::MAX_BRIEF_BYTES;
use shared::sessions::RECENT_PROOF_TTL;
use shared::slack::SLACK_TEST_THROTTLE;
use shared::stripe::signature::SIGNATURE_TOLERANCE_SECONDS;
use shared::throttle::Throttle;
use shared::tokens::MAX_GRACE_SECONDS;
use tests::openapi::document;

/// Words that make the number before them a limit or a lifetime.
const UNITS: [&str; 15] = [
    "seconds",
    "minutes",
    "hours",
    "days",
    "bytes",
    "mb",
    "characters",
    "attempts",
    "changes",
    "codes",
    "events",
    "requests",
    "organizations",
    "uploads",
    "invitations",
];

fn seconds(time: Duration) -> String {
    format!("{} seconds", time.as_secs())
}

fn minutes(time: Duration) -> String {
    format!("{} minutes", time.as_secs() / 60)
}

fn days(time: Duration) -> String {
    format!("{} days", time.as_secs() / (24 * 60 * 60))
}

fn an_hour(limit: u32, window: Duration) -> String {
    assert_eq!(window, Duration::from_secs(60 * 60));
    format!("{} an hour", with_separators(limit.into()))
}

fn throttled(throttle: Throttle, unit: &str) -> String {
    an_hour(throttle.limit, throttle.window).replace(" an hour", &format!(" {unit} an hour"))
}

/// Returns the numbers that each description must quote, by the description's place.
fn limits() -> BTreeMap<String, Vec<String>> {
    let attempts = |count: u32| format!("{count} attempts");
    let bytes = |count: u64| format!("{} bytes", with_separators(count));
    let codes = || an_hour(MAX_CODES_PER_WINDOW, CODE_WINDOW);
    let code = || vec![minutes(CODE_TTL), attempts(MAX_CODE_ATTEMPTS)];
    let recent = || vec![minutes(RECENT_PROOF_TTL)];
    let recent_access = || days(RECENT_ACCESS_PERIOD);
    let public = Throttle::unauthenticated("");
    assert_eq!(public.window, Duration::from_secs(60));
    let rows = [
        (
            "register",
            vec![
                "6 characters".to_owned(),
                days(REGISTRATION_TTL),
                codes().replace(" an", " codes an"),
            ],
        ),
        ("Register.password", vec![format!("{MAX_PASSWORD_LEN} characters")]),
        ("verify_email", code()),
        ("resend_code", vec![codes()]),
        (
            "forgot_password",
            vec![
                minutes(RESET_LINK_TTL),
                minutes(RESET_WINDOW),
                MAX_REQUESTS_PER_ADDRESS.to_string(),
                minutes(ADDRESS_WINDOW),
            ],
        ),
        ("reset_password", [vec![recent_access(), minutes(RESET_LINK_TTL)], code()].concat()),
        ("fetch_device_token", [POLL_INTERVAL_STEP, COLLECT_AGAIN_TTL].map(seconds).to_vec()),
        ("exchange_token", vec![minutes(ACCESS_TOKEN_TTL)]),
        ("fetch_device_token 400", vec![seconds(POLL_INTERVAL_STEP)]),
        ("retry_email", vec![format!("{} hours", RETRY_INTERVAL.as_secs() / 3600)]),
        ("not_me", vec![recent_access()]),
        ("NotMe.token", vec![days(NOT_ME_LINK_TTL)]),
        ("EndedAccess.tokens", vec![recent_access(), MAX_RECENT_TOKENS.to_string()]),
        ("EndedAccess.all_tokens", vec![recent_access()]),
        ("EndedAccess.google_account", vec![recent_access()]),
        ("EndedAccess.passkeys", vec![recent_access()]),
        ("EndedAccess.two_factor", vec![recent_access()]),
        ("ExportedUser.mailed_links", vec![MAX_EXPORTED_LINKS.to_string()]),
        ("login", vec![minutes(MAX_DELAY), format!("{} requests a minute", public.limit)]),
        (
            "two_factor_login",
            vec![minutes(CHALLENGE_TTL), attempts(MAX_CHALLENGE_ATTEMPTS), minutes(MAX_DELAY)],
        ),
        (
            "SecondFactorRequired.challenge_token",
            vec![minutes(CHALLENGE_TTL), attempts(MAX_CHALLENGE_ATTEMPTS)],
        ),
        ("begin_passkey_registration", vec![minutes(CEREMONY_TTL), minutes(RECENT_PROOF_TTL)]),
        ("begin_passkey_registration 409", vec![MAX_PASSKEYS.to_string()]),
        ("register_passkey", recent()),
        ("register_passkey 409", vec![MAX_PASSKEYS.to_string()]),
        ("list_passkeys", vec![MAX_PASSKEYS.to_string()]),
        ("delete_passkey", recent()),
        ("begin_passkey_reauthentication", vec![minutes(CEREMONY_TTL)]),
        ("reauthenticate_with_passkey", recent()),
        (
            "begin_passkey_sign_in",
            vec![minutes(CEREMONY_TTL), format!("{} requests a minute", public.limit)],
        ),
        ("sign_in_with_passkey", vec![format!("{} requests a minute", public.limit)]),
        ("PasskeyOptions.ceremony_id", vec![minutes(CEREMONY_TTL)]),
        ("set_up_two_factor", vec![minutes(SETUP_TTL)]),
        ("google_authorize", vec![minutes(PENDING_AUTHORIZATION_TTL)]),
        ("google_callback 400", vec![minutes(PENDING_AUTHORIZATION_TTL)]),
        ("delete_client", vec![days(ORGANIZATION_GRACE_PERIOD)]),
        ("restore_client", vec![days(ORGANIZATION_GRACE_PERIOD)]),
        ("change_password", recent()),
        ("reauthenticate", recent()),
        ("Reauthenticated.auth_time", recent()),
        ("DeleteMe.password", recent()),
        ("BothFactors.password", recent()),
        ("TransferOrganization.password", recent()),
        ("change_email", vec![codes()]),
        (
            "confirm_email",
            vec![
                days(EMAIL_CHANGE_UNDO_TTL),
                format!("{MAX_UNDOABLE_CHANGES} changes"),
                days(EMAIL_CHANGE_UNDO_TTL),
            ],
        ),
        ("UndoEmail.token", vec![days(EMAIL_CHANGE_UNDO_TTL)]),
        ("delete_me", vec![days(DELETION_GRACE_PERIOD)]),
        ("RotateKey.grace_seconds", vec![days(Duration::from_secs(MAX_GRACE_SECONDS))]),
        (
            "test_notification",
            vec![SLACK_TEST_THROTTLE.limit.to_string(), minutes(SLACK_TEST_THROTTLE.window)],
        ),
        ("create_client", vec![throttled(CREATE_THROTTLE, "organizations")]),
        ("InvitationToken.token", vec![days(INVITATION_TTL)]),
        (
            "invite_member",
            vec![
                days(INVITATION_TTL),
                throttled(INVITE_THROTTLE, "invitations"),
                an_hour(INVITE_ADDRESS_THROTTLE.limit, INVITE_ADDRESS_THROTTLE.window),
            ],
        ),
        (
            "resend_invitation",
            vec![
                days(INVITATION_TTL),
                throttled(INVITE_THROTTLE, "invitations"),
                an_hour(INVITE_ADDRESS_THROTTLE.limit, INVITE_ADDRESS_THROTTLE.window),
            ],
        ),
        ("list_client_invitations", vec![days(INVITATION_HISTORY)]),
        // The size is that of the file in JSON, below Lambda's limit for a response.
        (
            "export_client_activity",
            vec![format!("{} events", with_separators(MAX_CSV_EVENTS as u64)), "5.5 mb".to_owned()],
        ),
        // The limit of Lambda, which the handler's constant repeats.
        (
            "upload_artifact",
            vec!["6,000,000 bytes".to_owned(), throttled(UPLOAD_THROTTLE, "uploads")],
        ),
        ("UploadArtifact.path", vec![bytes(MAX_PATH_LEN as u64)]),
        ("UploadArtifact.size", vec![with_separators(MAX_ARTIFACT_BYTES)]),
        ("PendingUpload.expires_at", vec![minutes(UPLOAD_URL_TTL)]),
        ("ArtifactDownload.download_expires_at", vec![minutes(DOWNLOAD_URL_TTL)]),
        ("WriteBrief.content", vec![bytes(MAX_BRIEF_BYTES as u64)]),
        (
            "receive_stripe_event Stripe-Signature",
            vec![minutes(Duration::from_secs(SIGNATURE_TOLERANCE_SECONDS))],
        ),
        ("Export.sessions", vec![with_separators(MAX_SESSIONS as u64)]),
        ("Export.tokens", vec![with_separators(MAX_TOKENS as u64)]),
        ("Export.clients", vec![with_separators(MAX_ORGANIZATIONS.into())]),
        ("Export.activity", vec![with_separators(MAX_EVENTS.into())]),
        // Stripe's own lifetime of a checkout page.
        ("CheckoutSession.checkout_url", vec!["24 hours".to_owned()]),
    ];
    let limits: BTreeMap<_, _> =
        rows.into_iter().map(|(place, quotes)| (place.to_owned(), quotes)).collect();
    limits
}

/// Returns the numbers that a text quotes with one of the units, or after "at most".
pub(super) fn quoted(text: &str, units: &[&str]) -> Vec<String> {
    let trimmed = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let words: Vec<_> = text.split_whitespace().map(trimmed).collect();
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    let mut quotes = Vec::new();
    for (index, number) in words.iter().enumerate() {
        if !number.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'))
            || number.is_empty()
        {
            continue;
        }
        let mut quote = number.clone();
        let mut next = index + 1;
        if units.contains(&word(next)) {
            quote = format!("{quote} {}", word(next));
            next += 1;
        }
        let period = format!("{} {}", word(next), word(next + 1));
        if matches!(period.as_str(), "a minute" | "an hour") {
            quote = format!("{quote} {period}");
        }
        let is_maximum = index > 0 && word(index - 1) == "most";
        if quote != *number || is_maximum {
            quotes.push(quote);
        }
    }
    quotes
}

/// Adds the quotes of a description, and of those inside it, to `found`.
fn collect(place: &str, value: &Value, found: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match (name.as_str(), field) {
                    ("description", Value::String(text)) => {
                        let quotes = quoted(text, &UNITS);
                        if !quotes.is_empty() {
                            found.entry(place.to_owned()).or_default().extend(quotes);
                        }
                    }
                    ("properties", Value::Object(properties)) => {
                        for (property, schema) in properties {
                            collect(&format!("{place}.{property}"), schema, found);
                        }
                    }
                    ("parameters", Value::Array(parameters)) => {
                        for parameter in parameters {
                            let name = parameter["name"].as_str().unwrap();
                            // This description is built from the constant.
                            if name != "Idempotency-Key" {
                                collect(&format!("{place} {name}"), parameter, found);
                            }
                        }
                    }
                    ("responses", Value::Object(responses)) => {
                        for (status, response) in responses {
                            collect(&format!("{place} {status}"), response, found);
                        }
                    }
                    _ => collect(place, field, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(place, value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn quoted_limits_equal_the_constants() {
    let document: Value = serde_json::from_str(&document()).unwrap();
    let mut found = BTreeMap::new();
    for operations in document["paths"].as_object().unwrap().values() {
        for operation in operations.as_object().unwrap().values() {
            collect(operation["operationId"].as_str().unwrap(), operation, &mut found);
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        collect(name, schema, &mut found);
    }
    assert_eq!(found, limits());
}

/// Writes a number with a comma between groups of three digits.
pub(super) fn with_separators(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut groups: Vec<_> =
        Some(&digits[..first]).filter(|group| !group.is_empty()).into_iter().collect();
    for start in (first..digits.len()).step_by(3) {
        groups.push(&digits[start..start + 3]);
    }
    groups.join(",")
}
