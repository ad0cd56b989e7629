//! What a reset of the password ended, in words.

use shared::accounts::EndedAccess;

/// Returns a sentence for each thing that was ended besides all sessions.
pub(super) fn ended_text(ended: &EndedAccess) -> Vec<String> {
    let mut lines: Vec<_> =
        ended.tokens.iter().map(|token| format!("Token ended: {}", token.token_name)).collect();
    if ended.all_tokens {
        lines.push("All other tokens were ended.".to_owned());
    }
    if let Some(address) = &ended.google_account {
        lines.push(format!("Google account disconnected: {address}"));
    }
    match ended.passkeys {
        0 => {}
        1 => lines.push("A passkey was removed.".to_owned()),
        number => lines.push(format!("{number} passkeys were removed.")),
    }
    if ended.two_factor {
        lines.push("Two-factor authentication was turned off.".to_owned());
    }
    if ended.slack_webhook {
        lines.push("The Slack webhook was removed.".to_owned());
    }
    lines
}
