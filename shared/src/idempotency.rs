//! Idempotency keys: a repeated request is executed once and answered twice.
//!
//! The record with the answer is written in the transaction of the change, so neither exists
//! without the other. If two equal requests run concurrently, one commits. The other meets its
//! record, reads again, and returns the stored answer.

use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::keys;
use crate::secrets::{Mac, Sealed};

/// How long a stored answer can be replayed.
pub const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Maximum length of an `Idempotency-Key` in characters.
pub const LONGEST_KEY: usize = 255;

/// The identity of a request; `None` without an `Idempotency-Key`.
#[derive(Clone, Debug)]
pub struct Once(Option<Request>);

#[derive(Clone, Debug)]
struct Request {
    hash: String,
    content: String,
}

/// An operation's answer, and whether it is a replay.
#[derive(Clone, Debug)]
pub struct Done<T> {
    /// The operation's answer.
    pub answer: T,
    /// Whether an earlier request with the same key was executed and this is its answer.
    pub replayed: bool,
}

impl<T> Done<T> {
    /// Wraps the answer of an operation that was just executed.
    pub fn now(answer: T) -> Self {
        Self { answer, replayed: false }
    }

    /// Converts the answer to another type.
    pub fn map<U>(self, into: impl FnOnce(T) -> U) -> Done<U> {
        Done { answer: into(self.answer), replayed: self.replayed }
    }
}

#[derive(Deserialize, Serialize)]
struct Stored {
    hash: String,
    content: Mac,
    answer: Sealed,
    expires_at: Timestamp,
}

impl Record for Stored {
    fn key(&self) -> Key {
        keys::idempotency(&self.hash)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

impl Once {
    /// Creates the identity of a request without a key, which is executed each time.
    pub const fn unkeyed() -> Self {
        Self(None)
    }

    /// Creates the identity of a request by `caller` with this key. A repeated request must have
    /// the same `operation` and `body`.
    pub fn keyed(caller: &str, key: &str, operation: &str, body: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(caller.len().to_be_bytes());
        hash.update(caller);
        hash.update(key);
        Self(Some(Request {
            hash: HEXLOWER.encode(&hash.finalize()),
            content: format!("{operation}\n{body}"),
        }))
    }

    /// Returns a string that is equal for repetitions of the request and different for all others;
    /// `None` without a key.
    pub fn name(&self) -> Option<String> {
        let Request { hash, content } = self.0.as_ref()?;
        let mut name = Sha256::new();
        name.update(hash);
        name.update(content);
        Some(HEXLOWER.encode(&name.finalize()))
    }

    /// Returns the stored answer of an earlier request, if there is one. Every attempt does this
    /// first.
    ///
    /// # Errors
    ///
    /// * [`Error::IdempotencyConflict`] if the key was used for another request.
    /// * [`Error::Unavailable`] if the table cannot be read.
    pub async fn replay<T: DeserializeOwned>(&self, ctx: &Context) -> Result<Option<Done<T>>> {
        let Some(request) = &self.0 else {
            return Ok(None);
        };
        let stored: Option<Stored> = ctx.table.get(&keys::idempotency(&request.hash)).await?;
        let Some(stored) = stored.filter(|stored| stored.expires_at > ctx.now()) else {
            return Ok(None);
        };
        let keyring = ctx.secrets.keyring().await;
        if !keyring.mac_matches(&stored.content, &["idempotency", &request.content]) {
            return Err(Error::IdempotencyConflict);
        }
        let json = keyring
            .open(&place(request), &stored.answer)
            .ok_or_else(|| Error::internal("cannot decrypt a stored answer"))?;
        let answer = serde_json::from_slice(&json).map_err(Error::internal)?;
        Ok(Some(Done { answer, replayed: true }))
    }

    /// Adds the record with the answer to `tx`. The answer is encrypted, because it may contain
    /// secrets that are shown once. Of the request only a keyed hash is stored, because it may
    /// contain a password.
    ///
    /// # Errors
    ///
    /// * [`Error::Conflict`] on commit if a concurrent request with the same key was executed
    ///   first.
    pub async fn remember<T: Serialize>(
        &self,
        ctx: &Context,
        tx: &mut Tx<'_>,
        answer: &T,
    ) -> Result<()> {
        let Some(request) = &self.0 else {
            return Ok(());
        };
        let keyring = ctx.secrets.keyring().await;
        let now = ctx.now();
        let json = serde_json::to_vec(answer).map_err(Error::internal)?;
        let stored = Stored {
            hash: request.hash.clone(),
            content: keyring.mac(&["idempotency", &request.content]),
            answer: keyring.seal(&*ctx.random, &place(request), &json)?,
            expires_at: now.plus(KEPT),
        };
        let free = Condition::Any(vec![Condition::Absent, Condition::at_most("expires_at", now)?]);
        tx.put(&stored, free, Error::Conflict)
    }
}

fn place(request: &Request) -> String {
    format!("idempotency {}", request.hash)
}
