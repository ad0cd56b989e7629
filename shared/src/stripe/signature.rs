//! Verifies the signature of webhooks.
//! <https://docs.stripe.com/webhooks#verify-manually>

use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;

use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::{Error, Result};

/// The maximum age of a signature, and how far it may be ahead of our clock, in seconds: the tolerance of
/// Stripe's own libraries.
pub const SIGNATURE_TOLERANCE_SECONDS: u64 = 300;

/// The number of signatures that are checked in one header. Stripe sends one per active secret.
const MAX_SIGNATURES: usize = 16;

/// Verifies that Stripe signed the body within the tolerance, with any active webhook secret.
///
/// # Errors
/// `InvalidSignature` if no signature matches, `BillingNotConfigured` if there is no webhook secret.
pub async fn verify_signature(ctx: &Context, header: Option<&str>, body: &[u8]) -> Result<()> {
    let keyring = ctx.secrets.keyring().await;
    let account = keyring.stripe().ok_or(Error::BillingNotConfigured)?;
    let secrets: Vec<_> = account.webhook_secrets.iter().map(|secret| secret.as_str()).collect();
    if secrets.is_empty() {
        return Err(Error::BillingNotConfigured);
    }
    let is_good = header.is_some_and(|header| is_signed(header, body, &secrets, ctx.now()));
    if is_good { Ok(()) } else { Err(Error::InvalidSignature) }
}

/// Returns whether a header such as `t=1492774577,v1=5257…,v1=…,v0=…` signs the body.
fn is_signed(header: &str, body: &[u8], secrets: &[&str], now: Timestamp) -> bool {
    let mut parts = header.split(',').filter_map(|part| part.trim().split_once('='));
    let times: Vec<_> = parts.clone().filter(|(name, _)| *name == "t").collect();
    // Two timestamps would be ambiguous.
    let [(_, time)] = times[..] else { return false };
    let Ok(at) = time.parse().map(Timestamp::from_seconds) else { return false };
    if at.seconds_until(now).max(now.seconds_until(at)) > SIGNATURE_TOLERANCE_SECONDS {
        return false;
    }
    let signatures = parts.by_ref().filter(|(name, _)| *name == "v1").take(MAX_SIGNATURES);
    let signatures: Vec<_> = signatures
        .filter_map(|(_, text)| HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok())
        .collect();
    secrets.iter().any(|secret| {
        signatures.iter().any(|signature| {
            // HMAC takes a key of any length.
            Hmac::<Sha256>::new_from_slice(secret.as_bytes()).is_ok_and(|mut hmac| {
                hmac.update(time.as_bytes());
                hmac.update(b".");
                hmac.update(body);
                // Compares in constant time.
                hmac.verify_slice(signature).is_ok()
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;
    use proptest::prelude::*;

    const BODY: &[u8] = br#"{"id":"evt_1","type":"invoice.paid"}"#;

    fn sign(secret: &str, time: &str, body: &[u8]) -> String {
        let mut hmac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        hmac.update(format!("{time}.").as_bytes());
        hmac.update(body);
        HEXLOWER.encode(&hmac.finalize().into_bytes())
    }

    fn at(now: i64, header: &str, secrets: &[&str]) -> bool {
        is_signed(header, BODY, secrets, Timestamp::from_seconds(now))
    }

    #[test]
    fn a_signature_is_valid_for_five_minutes_either_way() {
        let header = format!("t=1000,v1={}", sign("whsec_a", "1000", BODY));
        for (now, good) in [(1000, true), (1300, true), (1301, false), (700, true), (699, false)] {
            assert_eq!(at(now, &header, &["whsec_a"]), good, "{now}");
        }
    }

    #[test]
    fn any_signature_of_any_active_secret_is_accepted() {
        let (a, b) = (sign("whsec_a", "1000", BODY), sign("whsec_b", "1000", BODY));
        for header in [
            format!("t=1000,v1={b},v1={a}"),
            format!("t=1000,v1={a},v1={b}"),
            format!("v0=x,v1={b}, t=1000, v1={a}"),
            format!("t=1000,v1=zz,v1={a}"),
        ] {
            assert!(at(1000, &header, &["whsec_a"]), "{header}");
            assert!(at(1000, &header, &["whsec_c", "whsec_a"]), "{header}");
            assert!(!at(1000, &header, &["whsec_c"]), "{header}");
        }
    }

    #[test]
    fn other_headers_are_refused() {
        let good = sign("whsec_a", "1000", BODY);
        for header in [
            String::new(),
            "t=1000".to_owned(),
            format!("v1={good}"),
            format!("t=1000,v0={good}"),
            format!("t=1001,v1={good}"),
            format!("t=1000,t=1000,v1={good}"),
            format!("t=1e3,v1={good}"),
            format!("t=1000,v1={}", &good[..62]),
            format!("t=1000,v1={good}00"),
            format!("t=1000,v1={}", sign("", "1000", BODY)),
            format!("t=1000,v1={}", sign("whsec_a", "1000", b"{}")),
        ] {
            assert!(!at(1000, &header, &["whsec_a"]), "{header}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_body_is_refused(place in 0..BODY.len(), bit in 0..8_u8) {
            let header = format!("t=1000,v1={}", sign("whsec_a", "1000", BODY));
            let mut body = BODY.to_vec();
            body[place] ^= 1 << bit;
            let now = Timestamp::from_seconds(1000);
            prop_assert!(!is_signed(&header, &body, &["whsec_a"], now));
        }

        #[test]
        fn no_header_panics(header in "\\PC{0,80}") {
            prop_assert!(!at(1000, &header, &["whsec_a"]));
        }
    }
}
