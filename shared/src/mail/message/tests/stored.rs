//! A stored mail of each kind.

use serde_json::{Value, json};

/// Returns a stored mail of each kind, without the fields of its event.
pub(super) fn stored() -> Vec<Value> {
    let link = "https://aius.co/account";
    vec![
        json!({"kind": "verification_code", "code": "ABC234", "link": "https://aius.co/account/verify-email?email=ada%40example.com"}),
        json!({"kind": "reset_code", "code": "ABC234", "reset": {"url": "https://aius.co/account/reset-password?token=usr_x.y", "expires_at": 1_717_125_256}}),
        json!({"kind": "change_email_code", "code": "ABC234", "link": "https://aius.co/account/profile"}),
        json!({
            "kind": "email_changed", "new": "b•••@example.org", "undo_until": 1_717_728_256,
            "undo_link": "https://aius.co/account/undo-email?token=usr_2c26b46b68ffc68ff99b453c1d304134.13422d706483bfa0f98a5e88"
        }),
        json!({"kind": "new_device", "link": link}),
        json!({
            "kind": "new_password_needed", "link": link, "reason": "not_me",
            "reset": {"url": "https://aius.co/account/reset-password?token=usr_x.y", "expires_at": 1_717_125_256}
        }),
        json!({"kind": "slack_webhook_changed", "link": link, "is_set": true}),
        json!({"kind": "password_changed", "link": link}),
        json!({"kind": "two_factor_on", "link": link}),
        json!({"kind": "two_factor_off", "link": link}),
        json!({"kind": "two_factor_reset_requested", "link": link, "due_at": 1_717_209_856}),
        json!({"kind": "two_factor_reset_stopped", "link": link, "method": "authenticator"}),
        json!({"kind": "two_factor_reset", "link": link}),
        json!({"kind": "recovery_code_used", "link": link, "left": 7}),
        json!({"kind": "recovery_codes_replaced", "link": link}),
        json!({"kind": "passkey_changed", "link": link, "passkey": "Work <laptop>", "change": "added"}),
        json!({"kind": "google_connected", "link": link, "google_address": "b•••@gmail.com"}),
        json!({"kind": "google_disconnected", "link": link}),
        json!({"kind": "deletion_scheduled", "link": link, "due_at": 1_718_333_056}),
        json!({"kind": "account_restored", "link": link}),
        json!({
            "kind": "device_approved", "program": "aius <cli> & more", "device": "Ada's laptop", "link": link,
            "asked_from": "198.51.100.7", "scopes": "projects:read, runs:write", "expires_at": 1_724_899_456,
        }),
        json!({"kind": "token_created", "token": "my-cli <ci> & more", "link": link}),
        json!({
            "kind": "token_expires", "token": "production", "masked": "aius_…x7Qw", "link": link,
            "client": "Acme <Sons> & Daughters, Inc.", "expires_at": 1_717_728_256,
        }),
        json!({
            "kind": "api_key_changed", "client": "Acme <Sons> & Daughters, Inc.", "link": link,
            "key": "production", "change": "created", "actor": "bob@example.org",
        }),
        json!({
            "kind": "member_changed", "client": "Acme <Sons> & Daughters, Inc.", "link": link,
            "change": {"role_changed": {"before": "member", "after": "admin"}},
            "member": "eve@example.org", "actor": "bob@example.org",
        }),
        json!({
            "kind": "ownership_transferred", "client": "Acme <Sons> & Daughters, Inc.", "link": link,
            "other": "bob@example.org", "is_new_owner": false,
        }),
        json!({
            "kind": "invitation", "inviter": "ada@example.org", "client": "Acme & Sons, Inc.",
            "role": "admin", "until": 1_717_728_256,
            "link": "https://aius.co/account/invitations/accept?token=WvbCCLrkqaHXUCmAdsy5gtDpAzuQSDoXzTMR"
        }),
        json!({
            "kind": "organization_deleted", "client": "Acme & Sons, Inc.", "link": link,
            "due_at": 1_718_333_056
        }),
        json!({
            "kind": "run_failed", "run": "Nightly <tests>", "scheduled": false, "link": link,
            "project": "Churn analysis", "client": "Acme & Sons, Inc.",
            "summary": "3 of 40 failed & 2 were skipped, which is more than yesterday and the day before:\n\n  <checkout>\n  sign-in",
        }),
        json!({
            "kind": "run_done", "run": "Nightly tests", "scheduled": true, "link": link,
            "project": "Churn analysis", "client": "Acme & Sons, Inc.", "summary": null,
        }),
        json!({
            "kind": "credits_used", "client": "Acme <Sons> & Daughters, Incorporated",
            "percent": 80, "link": link,
        }),
        json!({
            "kind": "payment_due", "client": "Acme <Sons> & Daughters, Inc.", "link": link,
            "number": "4F2A91BC-0007", "amount": 5_000, "currency": "usd",
        }),
        json!({
            "kind": "payment_failed", "client": "Acme & Sons, Inc.", "link": link,
            "number": "4F2A91BC-0008", "amount": 7_500, "currency": "jpy",
        }),
        json!({
            "kind": "payment_receipt", "client": "Acme & Sons, Inc.", "link": link,
            "number": null, "amount": 1_234_567, "currency": "usd",
        }),
    ]
}
