//! Limits and lifetimes that the guides and the decisions quote equal the constants.

use super::quoted_constants::{Quote, assert_page_quotes, assert_quotes, assert_sections_quote};

use Quote::{Constant, Literal};

const CODE: Quote = Constant("limits::CODE_TTL", "minutes");
const ACCESS_TOKEN: Quote = Constant("mod::ACCESS_TOKEN_TTL", "minutes");
const KEY_SET: Quote = Constant("key_set::KEY_SET_MAX_AGE", "minutes");
const ORGANIZATION_GRACE: Quote = Constant("scheduled_deletion::ORGANIZATION_GRACE_PERIOD", "days");
const RECENT_ACCESS: Quote = Constant("recent_access::RECENT_ACCESS_PERIOD", "days");
const RECENT_PROOF: Quote = Constant("recent_proof::RECENT_PROOF_TTL", "minutes");
const RESET_LINK: Quote = Constant("mailed_link::RESET_LINK_TTL", "minutes");
const SESSION: Quote = Constant("lifetime::SESSION_TTL", "days");
const SWITCHES: Quote = Constant("cached::SWITCHES_TTL", "seconds");
const ARTIFACT: Quote = Constant("size_limit::MAX_ARTIFACT_BYTES", "mib");
const COMPLETED_IN_REQUEST: Quote = Constant("complete::MAX_BYTES_IN_REQUEST", "mib");
const SCRYPT: Quote = Constant("limits::MAX_SCRYPT_BYTES", "mib");
const DEAD_LETTERS: Quote = Constant("dead_letters::RETENTION", "days");

#[test]
fn limits_quoted_in_the_architecture_equal_the_constants() {
    let sections = vec![
        ("One request: `POST /v1/register`", vec![Constant("body::MAX_BODY_BYTES", "kib")]),
        // The 6 MB are those of Lambda.
        (
            "Files",
            vec![Constant("uploaded_file::MAX_FORM_FILE_BYTES", "mib"), Literal("6"), ARTIFACT],
        ),
    ];
    assert_quotes("ARCHITECTURE.md", sections);
    assert_quotes(
        "ACCESS-PATTERNS.md",
        vec![("Access patterns", vec![COMPLETED_IN_REQUEST, SWITCHES])],
    );
}

#[test]
fn limits_quoted_for_operators_equal_the_constants() {
    let sections = vec![
        ("Google is down", vec![Constant("openid_provider::PROVIDER_TIMEOUT", "seconds")]),
        ("SES is down", vec![CODE]),
        ("The region is down", vec![Constant("service::REQUEST_TIMEOUT", "seconds"), DEAD_LETTERS]),
        ("StreamAgeAlarm", vec![CODE]),
        ("CodeMailAgeAlarm", vec![CODE]),
        // The life of a token in the example.
        (
            "Schedules",
            vec![
                Constant("concurrent::START_TIMEOUT", "seconds"),
                Literal("90 days"),
                Constant("reconcile::LEDGER_TIMEOUT", "seconds"),
                Constant("stripe_comparison::RESTART_AGE", "days"),
                // How long Stripe keeps events.
                Literal("30 days"),
            ],
        ),
        ("Reset two-factor authentication", vec![RESET_LINK]),
        ("Erase an organization now", vec![ORGANIZATION_GRACE]),
        ("Erase an account now", vec![Constant("grace_period::DELETION_GRACE_PERIOD", "days")]),
        ("Switch a feature off", vec![SWITCHES]),
        (
            "Moving in from another system",
            vec![
                // The limits of TOTP secrets and of argon2, whose constants have other units.
                Literal("64 bytes"),
                Constant("totp::STEP_SECONDS", "seconds"),
                SCRYPT,
                Literal("8 bytes"),
                Literal("64 mib"),
                Constant("registration_expiry::REGISTRATION_TTL", "days"),
            ],
        ),
    ];
    assert_sections_quote("OPERATIONS.md", sections);
    // An entry of the secret has as many characters as its seed.
    let keys = vec![Constant("key_set::MIN_SECRET_LEN", "characters"), SESSION];
    assert_sections_quote("DEPLOY.md", vec![("6. Keys", keys)]);
}

#[test]
fn limits_quoted_for_developers_equal_the_constants() {
    let tokens = vec![ACCESS_TOKEN, KEY_SET, KEY_SET, ACCESS_TOKEN];
    assert_sections_quote("../README.md", vec![("Verify a token in another service", tokens)]);
}

#[test]
fn limits_quoted_in_decisions_equal_the_constants() {
    for (page, quotes) in [
        ("README", vec![ORGANIZATION_GRACE, RECENT_PROOF]),
        ("account-recovery", vec![RECENT_ACCESS, RECENT_ACCESS]),
        (
            "bounces",
            vec![
                Constant("suppression_reason::CODE_PAUSE_AFTER_COMPLAINT", "days"),
                Constant("mod::SUPPRESSION_TTL", "days"),
            ],
        ),
        (
            "dashboard",
            vec![
                Constant("draft::DRAFT_TTL_SECONDS", "minutes"),
                Constant("pager::MAX_CURSORS_LEN", "bytes"),
            ],
        ),
        // The limit of argon2, whose constant is in KiB.
        ("imported-passwords", vec![SCRYPT, Literal("64 mib")]),
        (
            "links-in-mails",
            vec![RESET_LINK, Constant("mailed_link::NOT_ME_LINK_TTL", "days"), RESET_LINK],
        ),
        ("operators", vec![SWITCHES, CODE]),
        ("organization-restoration", vec![ORGANIZATION_GRACE, ORGANIZATION_GRACE]),
        ("passkeys", vec![Constant("register::MAX_PASSKEYS", "")]),
        ("recent-proof", vec![SESSION, RECENT_PROOF]),
        // `document_limits` compares the limit of forks.
        ("storage-limits", vec![ARTIFACT, Literal("20 an hour")]),
        // The length of an Ed25519 key.
        ("token-exchange", vec![ACCESS_TOKEN, Literal("32 bytes"), KEY_SET, ACCESS_TOKEN]),
        ("uploads", vec![ARTIFACT, COMPLETED_IN_REQUEST]),
    ] {
        assert_page_quotes(&format!("decisions/{page}.md"), &quotes);
    }
}
