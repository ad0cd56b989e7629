//! Idempotency keys: the same request sent twice is done once and answered twice.
//!
//! The record with the answer is written in the transaction of the change itself, so there is no
//! moment in which the change exists and the record doesn't. Two at the same time: one commits, the
//! other meets the record, reads again and answers from it.

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

/// How long an answer can be had again.
pub const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Longest `Idempotency-Key`, in characters.
pub const LONGEST_KEY: usize = 255;

/// What makes a request the same request; `None` without an `Idempotency-Key`.
#[derive(Clone, Debug)]
pub struct Once(Option<Request>);

#[derive(Clone, Debug)]
struct Request {
    hash: String,
    content: String,
}

/// An answer, and whether it is one from before.
#[derive(Clone, Debug)]
pub struct Done<T> {
    /// What the operation answers.
    pub answer: T,
    /// It was done by an earlier request with the same key.
    pub replayed: bool,
}

impl<T> Done<T> {
    /// Done just now.
    pub fn now(answer: T) -> Self {
        Self { answer, replayed: false }
    }

    /// The same with the answer as another type.
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
    /// A request without a key: done as often as it is sent.
    pub const fn unkeyed() -> Self {
        Self(None)
    }

    /// A request of `caller` with that key; `operation` and `body` are what must be the same.
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

    /// What the request has in common with itself when it comes again, and with no other; `None` without a
    /// key.
    pub fn name(&self) -> Option<String> {
        let Request { hash, content } = self.0.as_ref()?;
        let mut name = Sha256::new();
        name.update(hash);
        name.update(content);
        Some(HEXLOWER.encode(&name.finalize()))
    }

    /// The answer given before, if there is one. The first thing that every attempt does.
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
            .ok_or_else(|| Error::internal("a stored answer can't be opened any more"))?;
        let answer = serde_json::from_slice(&json).map_err(Error::internal)?;
        Ok(Some(Done { answer, replayed: true }))
    }

    /// Adds the record with the answer to the change. It is encrypted: answers may hold secrets
    /// that are shown once. The request's content is kept as a keyed fingerprint, since it may hold
    /// a password.
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
