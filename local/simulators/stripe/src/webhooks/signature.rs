//! The signature of a webhook. <https://docs.stripe.com/webhooks#verify-manually>

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Returns the `Stripe-Signature` header for a body that is sent at this time, in seconds since 1970.
pub(crate) fn sign(secret: &str, sent_at: i64, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        // HMAC accepts keys of any length.
        return String::new();
    };
    mac.update(format!("{sent_at}.{body}").as_bytes());
    format!("t={sent_at},v1={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::sign;

    // printf '1492774577.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test
    const EXPECTED: &str =
        "t=1492774577,v1=7656fc2882a7ca0a651666b36bf2f2f22ee204f54f608f227498a2419f2890b2";

    #[test]
    fn signature_is_the_hmac_of_time_and_body() {
        assert_eq!(sign("whsec_test", 1_492_774_577, r#"{"id":"evt_1"}"#), EXPECTED);
    }
}
