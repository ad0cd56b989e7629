//! `/accounts` and `/next-token`: what people and tests set up. JSON, as everything under `/local`.

use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde_json::{Value, json};

use super::Google;
use super::accounts::Account;
use super::next_token::NextToken;
use crate::panel::{Refusal, Result};

/// `GET` → `{"data":[…]}`, in the order in which they were added or last replaced.
pub(super) async fn accounts(State(google): State<Arc<Google>>) -> Json<Value> {
    Json(json!({"data": google.accounts.list()}))
}

/// `POST {"sub","email","email_verified","name"}` → the account; `name` may be left out. Replaces the
/// one with that `sub`.
pub(super) async fn put_account(
    State(google): State<Arc<Google>>,
    body: std::result::Result<Json<Account>, JsonRejection>,
) -> Result<Json<Account>> {
    let Json(account) = body?;
    if let Some(defect) = account.defect() {
        return Err(Refusal::bad(defect));
    }
    google.accounts.put(account.clone()).map_err(Refusal::broken)?;
    Ok(Json(account))
}

/// `POST` of what is to be wrong with the next ID token → the same; `{}` takes it back. Each may be
/// left out:
///
/// - `iss`, `aud`, `azp`, `nonce`, `iat`, `exp`: the claim's value
/// - `alg`: `"none"`, `"HS256"` with the client's secret, or `"RS256"`
/// - `key`: `"other"` signs with a key that isn't published, under the name of the one that is
/// - `drop`: names of claims to leave out
pub(super) async fn next_token(
    State(google): State<Arc<Google>>,
    body: std::result::Result<Json<NextToken>, JsonRejection>,
) -> Result<Json<NextToken>> {
    let Json(next) = body?;
    if let Some(defect) = next.defect() {
        return Err(Refusal::bad(defect));
    }
    *google.next_token.lock().unwrap_or_else(PoisonError::into_inner) = next.clone();
    Ok(Json(next))
}
