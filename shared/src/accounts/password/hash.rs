//! Password hashes: argon2id with a pepper, stored as PHC strings.

use std::fmt;

use argon2::password_hash::phc::{self, Ident, Output, ParamsString, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, KeyId, Params, ParamsBuilder, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Password;
use super::imported::ImportedHash;
use super::threads::{self, Memory};
use crate::config::PasswordCost;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::random::Random;
use crate::secrets::{AccountKeys, Sealed, SecretKey};

/// Length of a hash in bytes (RFC 9106, section 4).
const HASH_LEN: usize = 32;

/// The beginning of a stored hash of another system; its sealed text follows. PHC strings begin with `$`.
const IMPORTED: &str = "imported:";

/// The additional authenticated data of a sealed hash. Like other hashes, it is not bound to a user.
const IMPORTED_AAD: &str = "imported password hash";

/// A password as stored: a PHC string whose `keyid` names the pepper, or the sealed hash of another system.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Returns the stored string, to compare it with an earlier one.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Seals a hash of another system, which has no pepper: without the keys, a copy of the table does not help to
    /// guess the password.
    ///
    /// # Errors
    /// [`Error::Internal`] if the cipher fails.
    pub(in crate::accounts) fn seal_imported(
        ctx: &Context,
        keys: &AccountKeys,
        hash: &ImportedHash,
    ) -> Result<Self> {
        let sealed = keys.storage.seal(&*ctx.random, IMPORTED_AAD, hash.as_str().as_bytes())?;
        Ok(Self(format!("{IMPORTED}{}", sealed.as_str())))
    }

    /// Returns the sealed hash of another system, if this is one.
    fn imported(&self) -> Option<Sealed> {
        self.0.strip_prefix(IMPORTED).map(Sealed::from_text)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// The result of checking a password.
#[derive(Debug)]
pub enum PasswordCheck {
    /// The password is the stored one.
    Correct(PasswordVerified),
    /// The password is another one, or none is stored.
    Incorrect,
}

/// Proof that the caller knows the user's password.
#[derive(Debug)]
pub struct PasswordVerified {
    /// The same password hashed with the current cost and pepper, if those of the stored hash are
    /// outdated. The caller stores it.
    pub rehashed: Option<PasswordHash>,
}

/// Hashes a password to store it. Takes tens of milliseconds of a core and 19 MiB in production.
///
/// # Errors
/// [`Error::Internal`] if the hash cannot be computed.
pub async fn hash(ctx: &Context, password: Password) -> Result<PasswordHash> {
    let keyring = ctx.secrets.keyring().await;
    let random = ctx.random.clone();
    let cost = ctx.config.password_cost;
    threads::run(move |memory| {
        let keys = keyring.account()?;
        Hasher { keys, random: &*random, cost, memory }.hash(&password)
    })
    .await?
}

/// Checks a password. Takes the same time if none is stored.
///
/// # Errors
/// [`Error::Internal`] if the stored string is not a hash of this module or a hash cannot be computed.
pub async fn verify(
    ctx: &Context,
    password: Password,
    stored: Option<&PasswordHash>,
) -> Result<PasswordCheck> {
    let keyring = ctx.secrets.keyring().await;
    let random = ctx.random.clone();
    let cost = ctx.config.password_cost;
    let stored = stored.cloned();
    threads::run(move |memory| {
        let keys = keyring.account()?;
        let mut hasher = Hasher { keys, random: &*random, cost, memory };
        match stored {
            Some(stored) => hasher.verify(&password, &stored),
            None => hasher.hash(&password).map(|_| PasswordCheck::Incorrect),
        }
    })
    .await?
}

/// Everything that hashing needs besides the password.
struct Hasher<'a> {
    keys: &'a AccountKeys,
    random: &'a dyn Random,
    cost: PasswordCost,
    memory: &'a mut Memory,
}

impl Hasher<'_> {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash> {
        let pepper = self.keys.active_pepper();
        let params = params(self.cost, pepper)?;
        let salt: [u8; 16] = self.random.bytes();
        let hash = self.compute(password, pepper, &salt, params.clone())?;
        let hash = phc::PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).map_err(Error::internal)?,
            salt: Some(Salt::new(&salt).map_err(Error::internal)?),
            hash: Some(hash),
        };
        Ok(PasswordHash(hash.to_string()))
    }

    fn verify(&mut self, password: &Password, stored: &PasswordHash) -> Result<PasswordCheck> {
        if let Some(sealed) = stored.imported() {
            return self.verify_imported(password, &sealed);
        }
        let parsed = phc::PasswordHash::new(&stored.0).map_err(Error::internal)?;
        let params = Params::try_from(&parsed).map_err(Error::internal)?;
        let (Some(salt), Some(expected)) = (parsed.salt, parsed.hash) else {
            return Err(Error::internal("a stored password has no salt or no hash"));
        };
        require_supported(parsed.algorithm, parsed.version)?;
        let kid = std::str::from_utf8(params.keyid()).map_err(Error::internal)?.to_owned();
        // A password whose pepper was removed from the secret can only be reset by mail.
        let Some(pepper) = self.keys.pepper(&kid) else {
            tracing::error!(
                kid,
                "a password was hashed with a pepper that the secret no longer holds"
            );
            return self.hash(password).map(|_| PasswordCheck::Incorrect);
        };
        let hashed_with = cost_of(&params);
        // The comparison of two outputs takes constant time.
        if self.compute(password, pepper, &salt, params)? != expected {
            return Ok(PasswordCheck::Incorrect);
        }
        let is_current =
            kid == self.keys.active_pepper().kid().as_str() && hashed_with == self.cost;
        let rehashed = if is_current { None } else { Some(self.hash(password)?) };
        Ok(PasswordCheck::Correct(PasswordVerified { rehashed }))
    }

    /// Checks a password with the hash of another system.
    fn verify_imported(&mut self, password: &Password, sealed: &Sealed) -> Result<PasswordCheck> {
        let text = self.keys.storage.open(IMPORTED_AAD, sealed);
        let text = text.and_then(|text| String::from_utf8(text).ok()).map(Zeroizing::new);
        let is_correct = match text.map(|text| ImportedHash::parse(&text)) {
            Some(Ok(hash)) => hash.matches(password.as_typed(), self.memory)?,
            // Such a password can only be reset by mail.
            unusable @ (Some(Err(_)) | None) => {
                let why = unusable.and_then(std::result::Result::err);
                tracing::error!(?why, "an imported password hash cannot be opened or verified");
                false
            }
        };
        // Also for a wrong password, so that its answer takes no less time than that for an unknown address.
        let rehashed = Some(self.hash(password)?);
        Ok(if is_correct {
            PasswordCheck::Correct(PasswordVerified { rehashed })
        } else {
            PasswordCheck::Incorrect
        })
    }

    fn compute(
        &mut self,
        password: &Password,
        pepper: &SecretKey,
        salt: &[u8],
        params: Params,
    ) -> Result<Output> {
        let memory = self.memory.blocks(params.block_count());
        let argon2 =
            Argon2::new_with_secret(pepper.bytes(), Algorithm::Argon2id, Version::V0x13, params)
                .map_err(Error::internal)?;
        let mut hash = [0; HASH_LEN];
        argon2
            .hash_password_into_with_memory(password.reveal().as_bytes(), salt, &mut hash, memory)
            .map_err(Error::internal)?;
        Output::new(&hash).map_err(Error::internal)
    }
}

/// Refuses hashes that this module has never made.
fn require_supported(algorithm: Ident, version: Option<u32>) -> Result<()> {
    if algorithm == ARGON2ID_IDENT && version == Some(Version::V0x13.into()) {
        return Ok(());
    }
    Err(Error::internal("a stored password has an unsupported algorithm or version"))
}

fn cost_of(params: &Params) -> PasswordCost {
    let (memory_kib, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    PasswordCost { memory_kib, passes, lanes }
}

fn params(cost: PasswordCost, pepper: &SecretKey) -> Result<Params> {
    let kid = KeyId::new(pepper.kid().as_str().as_bytes()).map_err(Error::internal)?;
    ParamsBuilder::new()
        .m_cost(cost.memory_kib)
        .t_cost(cost.passes)
        .p_cost(cost.lanes)
        .output_len(HASH_LEN)
        .keyid(kid)
        .build()
        .map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use crate::secrets::Keyring;
    use argon2::PasswordVerifier;

    const SEED: &str = r#""seed":"0123456789abcdef0123456789abcdef""#;

    fn ring(rest: &str) -> Keyring {
        Keyring::from_document(&format!("{{{SEED}{rest}}}")).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse("password", text.to_owned()).unwrap()
    }

    fn hash_now(ring: &Keyring, text: &str, cost: PasswordCost) -> PasswordHash {
        let memory = &mut Memory::default();
        let mut hasher =
            Hasher { keys: ring.account().unwrap(), random: &SystemRandom, cost, memory };
        hasher.hash(&password(text)).unwrap()
    }

    fn check(ring: &Keyring, text: &str, stored: &PasswordHash) -> PasswordCheck {
        let (cost, memory) = (PasswordCost::PRODUCTION, &mut Memory::default());
        let mut hasher =
            Hasher { keys: ring.account().unwrap(), random: &SystemRandom, cost, memory };
        hasher.verify(&password(text), stored).unwrap()
    }

    #[test]
    fn only_the_same_password_verifies() {
        let ring = ring("");
        let stored = hash_now(&ring, "correct-horse-9", PasswordCost::PRODUCTION);
        assert!(stored.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1,keyid="), "{}", stored.0);
        let right = check(&ring, "correct-horse-9", &stored);
        assert!(matches!(right, PasswordCheck::Correct(PasswordVerified { rehashed: None })));
        for wrong in ["correct-horse-8", "Correct-horse-9", "correct-horse-9 ", "x"] {
            assert!(matches!(check(&ring, wrong, &stored), PasswordCheck::Incorrect));
        }
    }

    #[test]
    fn a_new_pepper_rehashes_and_the_old_one_still_reads() {
        let old = ring("");
        let stored = hash_now(&old, "correct-horse-9", PasswordCost::PRODUCTION);
        let new_pepper = r#"{"kid":"b","secret":"fedcba9876543210fedcba9876543210"}"#;
        let both = ring(&format!(r#","peppers":[{new_pepper},{{"kid":"seed"}}]"#));
        let PasswordCheck::Correct(PasswordVerified { rehashed: Some(rehashed) }) =
            check(&both, "correct-horse-9", &stored)
        else {
            panic!("the password should verify and be hashed anew")
        };
        let only_new = ring(&format!(r#","peppers":[{new_pepper}]"#));
        assert!(matches!(
            check(&only_new, "correct-horse-9", &rehashed),
            PasswordCheck::Correct(PasswordVerified { rehashed: None })
        ));
        assert!(matches!(check(&only_new, "correct-horse-9", &stored), PasswordCheck::Incorrect));
    }

    fn seal(ring: &Keyring, text: &str) -> PasswordHash {
        let storage = &ring.account().unwrap().storage;
        let sealed = storage.seal(&SystemRandom, IMPORTED_AAD, text.as_bytes()).unwrap();
        PasswordHash(format!("{IMPORTED}{}", sealed.as_str()))
    }

    #[test]
    fn an_imported_hash_verifies_and_is_replaced() {
        // PyPI's bcrypt: hashpw("Zoe\u0308-horse-9".encode(), gensalt(5)), which is not in normal form.
        let text = "$2b$05$VhkJ6xjEESdj0dCQRFNWT.LL91q/F./MeYEQD2vzL/3M3GBu6vygK";
        let ring = ring("");
        let stored = seal(&ring, text);
        let PasswordCheck::Correct(PasswordVerified { rehashed: Some(rehashed) }) =
            check(&ring, "Zoe\u{308}-horse-9", &stored)
        else {
            panic!("the password should verify and be hashed anew")
        };
        assert!(matches!(check(&ring, "Zoe\u{308}-horse-8", &stored), PasswordCheck::Incorrect));
        let composed = check(&ring, "Zoë-horse-9", &rehashed);
        assert!(matches!(composed, PasswordCheck::Correct(PasswordVerified { rehashed: None })));
    }

    #[test]
    fn a_wrong_imported_password_also_costs_argon2id() {
        let (ring, cost, mut memory) = (ring(""), PasswordCost::PRODUCTION, Memory::default());
        let stored = seal(&ring, "$2b$05$ut4BcpHJYSvpKLuaLMr9w.s1J2WkhaArTdqYaK8QTwIz9yTG7nPaC");
        let keys = ring.account().unwrap();
        let mut hasher = Hasher { keys, random: &SystemRandom, cost, memory: &mut memory };
        let result = hasher.verify(&password("wrong-horse-9"), &stored).unwrap();
        assert!(matches!(result, PasswordCheck::Incorrect));
        assert_eq!(memory.len(), 19_456, "bcrypt alone uses no block");
    }

    #[test]
    fn an_imported_hash_beyond_the_limits_is_not_computed() {
        let ring = ring("");
        let costly = "$2b$31$ut4BcpHJYSvpKLuaLMr9w.s1J2WkhaArTdqYaK8QTwIz9yTG7nPaC";
        let other_key = self::ring(
            r#","encryption_keys":[{"kid":"b","secret":"fedcba9876543210fedcba9876543210"}]"#,
        );
        for stored in [seal(&ring, costly), seal(&ring, "x"), seal(&other_key, costly)] {
            assert!(matches!(check(&ring, "correct-horse-9", &stored), PasswordCheck::Incorrect));
        }
    }

    #[test]
    fn a_hash_of_another_cost_is_replaced() {
        let ring = ring("");
        let weak = PasswordCost { memory_kib: 4096, passes: 1, lanes: 1 };
        let stored = hash_now(&ring, "correct-horse-9", weak);
        let PasswordCheck::Correct(PasswordVerified { rehashed: Some(rehashed) }) =
            check(&ring, "correct-horse-9", &stored)
        else {
            panic!("the password should verify and be hashed anew")
        };
        assert!(rehashed.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1,keyid="), "{}", rehashed.0);
        assert!(matches!(check(&ring, "wrong-horse-9", &stored), PasswordCheck::Incorrect));
    }

    #[test]
    fn memory_of_an_earlier_hash_changes_nothing() {
        let ring = ring("");
        let (cost, memory) = (PasswordCost::PRODUCTION, &mut Memory::default());
        let mut hasher =
            Hasher { keys: ring.account().unwrap(), random: &SystemRandom, cost, memory };
        let stored = hasher.hash(&password("correct-horse-9")).unwrap();
        hasher.hash(&password("another-horse-9")).unwrap();
        let again = hasher.verify(&password("correct-horse-9"), &stored).unwrap();
        assert!(matches!(again, PasswordCheck::Correct(_)));
        // The library's own implementation, with memory of its own, agrees.
        let parsed = phc::PasswordHash::new(&stored.0).unwrap();
        let pepper = ring.account().unwrap().active_pepper();
        let params = Params::try_from(&parsed).unwrap();
        let argon2 =
            Argon2::new_with_secret(pepper.bytes(), Algorithm::Argon2id, Version::V0x13, params);
        argon2.unwrap().verify_password(b"correct-horse-9", &parsed).unwrap();
    }
}
