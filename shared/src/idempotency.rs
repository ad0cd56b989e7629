//! Idempotency keys: a repeated request is executed once and gets the same response twice.
//!
//! The record with the response is written in the transaction of the change, so neither exists
//! without the other. If two equal requests run concurrently, one commits. The other meets its
//! record, reads again, and returns the stored response.

use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::keys;
use crate::secrets::{Mac, Sealed};

/// How long a stored response can be replayed.
pub const RESPONSE_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// Maximum length of an `Idempotency-Key` in characters.
pub const MAX_KEY_LEN: usize = 255;

/// The idempotency key of a request; `None` without an `Idempotency-Key` header.
#[derive(Clone, Debug)]
pub struct IdempotencyKey(Option<KeyedRequest>);

#[derive(Clone, Debug)]
struct KeyedRequest {
    hash: String,
    content: String,
}

/// An operation's response, and whether it is a replay.
#[derive(Clone, Debug)]
pub struct Replayable<T> {
    /// What the operation answered, now or the first time.
    pub response: T,
    /// Whether an earlier request with the same key was executed and this is its response.
    pub replayed: bool,
}

impl<T> Replayable<T> {
    /// Wraps the response of an operation that was just executed.
    pub fn new(response: T) -> Self {
        Self { response, replayed: false }
    }

    /// Converts the response to another type.
    pub fn map<U>(self, into: impl FnOnce(T) -> U) -> Replayable<U> {
        Replayable { response: into(self.response), replayed: self.replayed }
    }
}

#[derive(Deserialize, Serialize)]
struct StoredResponse {
    hash: String,
    content: Mac,
    answer: Sealed,
    expires_at: Timestamp,
}

impl Record for StoredResponse {
    fn key(&self) -> Key {
        keys::idempotency(&self.hash)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

impl IdempotencyKey {
    /// Creates the value for a request without a key, which is executed each time.
    pub const fn none() -> Self {
        Self(None)
    }

    /// Creates the key of a request by `caller`. A repeated request must have
    /// the same `operation` and `body`.
    pub fn new(caller: &str, key: &str, operation: &str, body: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(caller.len().to_be_bytes());
        hash.update(caller);
        hash.update(key);
        Self(Some(KeyedRequest {
            hash: HEXLOWER.encode(&hash.finalize()),
            content: format!("{operation}\n{body}"),
        }))
    }

    /// Returns a string that is equal for repetitions of the request and different for all others;
    /// `None` without a key.
    pub fn fingerprint(&self) -> Option<String> {
        let KeyedRequest { hash, content } = self.0.as_ref()?;
        let mut fingerprint = Sha256::new();
        fingerprint.update(hash);
        fingerprint.update(content);
        Some(HEXLOWER.encode(&fingerprint.finalize()))
    }

    /// Returns the stored response of an earlier request, if there is one. Every attempt does this first.
    ///
    /// # Errors
    ///
    /// * [`Error::IdempotencyConflict`] if the key was used for another request.
    /// * [`Error::Unavailable`] if the table cannot be read.
    pub async fn replay<T: DeserializeOwned>(
        &self,
        ctx: &Context,
    ) -> Result<Option<Replayable<T>>> {
        let Some(request) = &self.0 else {
            return Ok(None);
        };
        let stored: Option<StoredResponse> =
            ctx.table.get(&keys::idempotency(&request.hash)).await?;
        let Some(stored) = stored.filter(|stored| stored.expires_at > ctx.now()) else {
            return Ok(None);
        };
        let keyring = ctx.secrets.keyring().await;
        if !keyring.mac_matches(&stored.content, &["idempotency", &request.content]) {
            return Err(Error::IdempotencyConflict);
        }
        let json = keyring
            .open(&aad(request), &stored.answer)
            .ok_or_else(|| Error::internal("cannot decrypt a stored response"))?;
        let response = serde_json::from_slice(&json).map_err(Error::internal)?;
        Ok(Some(Replayable { response, replayed: true }))
    }

    /// Returns the stored response if one has been stored since [`IdempotencyKey::replay`] found none, and
    /// `refusal` otherwise.
    ///
    /// The record and the items that a refusal is decided on are not read at one moment. A request
    /// with the same key may have committed between the reads, and then its own effect causes the
    /// refusal. Costs a read only when a request with a key is refused.
    ///
    /// # Errors
    ///
    /// * `refusal` if no response is stored.
    /// * [`Error::IdempotencyConflict`] if the key was used for another request.
    /// * [`Error::Unavailable`] if the table cannot be read.
    pub async fn replay_or_refuse<T: DeserializeOwned>(
        &self,
        ctx: &Context,
        refusal: Error,
    ) -> Result<Replayable<T>> {
        self.replay(ctx).await?.ok_or(refusal)
    }

    /// Adds the record with the response to `tx`. The response is encrypted, because it may contain
    /// secrets that are shown once. Of the request only a keyed hash is stored, because it may
    /// contain a password.
    ///
    /// # Errors
    ///
    /// * [`AttemptError::Conflict`] on commit if a concurrent request with the same key was executed
    ///   first.
    pub async fn store_response<T: Serialize>(
        &self,
        ctx: &Context,
        tx: &mut Tx<'_>,
        response: &T,
    ) -> Result<()> {
        let Some(request) = &self.0 else {
            return Ok(());
        };
        let keyring = ctx.secrets.keyring().await;
        let now = ctx.now();
        let json = serde_json::to_vec(response).map_err(Error::internal)?;
        let stored = StoredResponse {
            hash: request.hash.clone(),
            content: keyring.mac(&["idempotency", &request.content]),
            answer: keyring.seal(&*ctx.random, &aad(request), &json)?,
            expires_at: now.plus(RESPONSE_TTL),
        };
        let free = Condition::Any(vec![Condition::Absent, Condition::at_most("expires_at", now)?]);
        tx.put(&stored, free, AttemptError::Conflict)
    }
}

fn aad(request: &KeyedRequest) -> String {
    format!("idempotency {}", request.hash)
}
