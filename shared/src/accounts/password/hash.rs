//! argon2id with a pepper, as PHC strings.

use std::fmt;

use argon2::password_hash::phc;
use argon2::password_hash::{CustomizedPasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, KeyId, ParamsBuilder, Version};
use serde::{Deserialize, Serialize};

use super::Password;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::random::Random;
use crate::secrets::{Key, Keyring};

/// Memory in KiB, passes and lanes: OWASP's first choice for argon2id (Password Storage Cheat
/// Sheet, 2025).
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A password as stored: a PHC string. The name of the pepper stands in its `keyid`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// As stored, to see whether it changed.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// What checking a password came to.
#[derive(Debug)]
pub enum Verdict {
    /// The right one.
    Right(PasswordVerified),
    /// Not the right one, or there is none.
    Wrong,
}

/// The proof that somebody knows a user's password.
#[derive(Debug)]
pub struct PasswordVerified {
    /// The same password hashed as new ones are, where parameters or pepper have changed since:
    /// to be stored while the password is at hand.
    pub rehashed: Option<PasswordHash>,
}

/// Hashes a password to store it. Takes tens of milliseconds of a core, and 19 MiB.
pub async fn hash(ctx: &Context, password: Password) -> Result<PasswordHash> {
    let keyring = ctx.secrets.keyring().await;
    let random = ctx.random.clone();
    on_a_thread_of_its_own(move || hash_now(&keyring, &*random, &password)).await?
}

/// Checks a password. Without a stored one it takes the same time to say no.
pub async fn verify(
    ctx: &Context,
    password: Password,
    stored: Option<&PasswordHash>,
) -> Result<Verdict> {
    let keyring = ctx.secrets.keyring().await;
    let random = ctx.random.clone();
    let stored = stored.cloned();
    on_a_thread_of_its_own(move || match stored {
        Some(stored) => verify_now(&keyring, &*random, &password, &stored),
        None => hash_now(&keyring, &*random, &password).map(|_| Verdict::Wrong),
    })
    .await?
}

/// Hashing would hold up everything else that this thread serves.
async fn on_a_thread_of_its_own<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

fn hash_now(keyring: &Keyring, random: &dyn Random, password: &Password) -> Result<PasswordHash> {
    let pepper = keyring.active_pepper();
    let salt: [u8; 16] = random.bytes();
    let hash = hasher(pepper)?
        .hash_password_with_params(password.reveal().as_bytes(), &salt, parameters(pepper)?)
        .map_err(Error::internal)?;
    Ok(PasswordHash(hash.to_string()))
}

fn verify_now(
    keyring: &Keyring,
    random: &dyn Random,
    password: &Password,
    stored: &PasswordHash,
) -> Result<Verdict> {
    let parsed = phc::PasswordHash::new(&stored.0).map_err(Error::internal)?;
    let made_with = argon2::Params::try_from(&parsed).map_err(Error::internal)?;
    let kid = std::str::from_utf8(made_with.keyid()).map_err(Error::internal)?;
    // A pepper that was removed from the secret: its passwords are lost, and reset by mail.
    let Some(pepper) = keyring.pepper(kid) else {
        tracing::error!(kid, "a password was hashed with a pepper that the secret no longer holds");
        return hash_now(keyring, random, password).map(|_| Verdict::Wrong);
    };
    if hasher(pepper)?.verify_password(password.reveal().as_bytes(), &parsed).is_err() {
        return Ok(Verdict::Wrong);
    }
    let current = keyring.active_pepper();
    let is_current = kid == current.kid().as_str()
        && (made_with.m_cost(), made_with.t_cost(), made_with.p_cost()) == (MEMORY, PASSES, LANES);
    let rehashed = if is_current { None } else { Some(hash_now(keyring, random, password)?) };
    Ok(Verdict::Right(PasswordVerified { rehashed }))
}

fn parameters(pepper: &Key) -> Result<argon2::Params> {
    let kid = KeyId::new(pepper.kid().as_str().as_bytes()).map_err(Error::internal)?;
    ParamsBuilder::new()
        .m_cost(MEMORY)
        .t_cost(PASSES)
        .p_cost(LANES)
        .keyid(kid)
        .build()
        .map_err(Error::internal)
}

fn hasher(pepper: &Key) -> Result<Argon2<'_>> {
    Argon2::new_with_secret(
        pepper.bytes(),
        Algorithm::Argon2id,
        Version::V0x13,
        parameters(pepper)?,
    )
    .map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    const SEED: &str = r#""seed":"0123456789abcdef0123456789abcdef""#;

    fn ring(rest: &str) -> Keyring {
        Keyring::parse(&format!("{{{SEED}{rest}}}")).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse("password", text.to_owned()).unwrap()
    }

    fn check(ring: &Keyring, text: &str, stored: &PasswordHash) -> Verdict {
        verify_now(ring, &SystemRandom, &password(text), stored).unwrap()
    }

    #[test]
    fn only_the_same_password_verifies() {
        let ring = ring("");
        let stored = hash_now(&ring, &SystemRandom, &password("correct-horse-9")).unwrap();
        assert!(stored.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1,keyid="), "{}", stored.0);
        let right = check(&ring, "correct-horse-9", &stored);
        assert!(matches!(right, Verdict::Right(PasswordVerified { rehashed: None })));
        for wrong in ["correct-horse-8", "Correct-horse-9", "correct-horse-9 ", "x"] {
            assert!(matches!(check(&ring, wrong, &stored), Verdict::Wrong));
        }
    }

    #[test]
    fn a_new_pepper_rehashes_and_the_old_one_still_reads() {
        let old = ring("");
        let stored = hash_now(&old, &SystemRandom, &password("correct-horse-9")).unwrap();
        let new_pepper = r#"{"kid":"b","secret":"fedcba9876543210fedcba9876543210"}"#;
        let both = ring(&format!(r#","peppers":[{new_pepper},{{"kid":"seed"}}]"#));
        let Verdict::Right(PasswordVerified { rehashed: Some(rehashed) }) =
            check(&both, "correct-horse-9", &stored)
        else {
            panic!("the password should verify and be hashed anew")
        };
        let only_new = ring(&format!(r#","peppers":[{new_pepper}]"#));
        assert!(matches!(
            check(&only_new, "correct-horse-9", &rehashed),
            Verdict::Right(PasswordVerified { rehashed: None })
        ));
        assert!(matches!(check(&only_new, "correct-horse-9", &stored), Verdict::Wrong));
    }

    #[test]
    fn weaker_parameters_of_the_past_are_replaced() {
        let ring = ring("");
        let pepper = ring.active_pepper();
        let mut weak = ParamsBuilder::new();
        weak.m_cost(4096).t_cost(1).p_cost(1).keyid(KeyId::new(b"seed").unwrap());
        let hash = hasher(pepper)
            .unwrap()
            .hash_password_with_params(b"correct-horse-9", &[7; 16], weak.build().unwrap())
            .unwrap();
        let stored = PasswordHash(hash.to_string());
        assert!(matches!(
            check(&ring, "correct-horse-9", &stored),
            Verdict::Right(PasswordVerified { rehashed: Some(_) })
        ));
    }
}
