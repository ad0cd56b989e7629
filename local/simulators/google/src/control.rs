//! The control endpoints `/accounts` and `/next-token`: the accounts to choose from, and defects of the next ID
//! token. Google does not have them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use local_support::{ControlError, ControlResult};
use serde_json::{Value, json};

use crate::accounts::SimulatedAccount;
use crate::id_token_fault::IdTokenFault;
use crate::simulator::GoogleSimulator;

/// `GET /accounts` → `{"data":[…]}`
///
/// Lists the accounts in the order in which they were added or last replaced.
pub(crate) async fn list_accounts(State(google): State<Arc<GoogleSimulator>>) -> Json<Value> {
    Json(json!({"data": google.accounts.list()}))
}

/// `POST /accounts {"sub","email","email_verified","hd","name"}` → the account
///
/// Adds an account, or replaces the one with the same `sub`. `hd` and `name` are optional.
pub(crate) async fn put_account(
    State(google): State<Arc<GoogleSimulator>>,
    body: Result<Json<SimulatedAccount>, JsonRejection>,
) -> ControlResult<Json<SimulatedAccount>> {
    let Json(account) = body?;
    if let Some(problem) = account.find_problem() {
        return Err(ControlError::bad_request(problem));
    }
    google.accounts.put(account.clone()).map_err(ControlError::internal)?;
    Ok(Json(account))
}

/// `POST /next-token` with the defects of the next ID token → the same
///
/// `{}` removes all defects. Each field is optional:
///
/// - `iss`, `aud`, `azp`, `nonce`, `iat`, `exp`, `auth_time`: the value of the claim
/// - `alg`: `"none"`, `"HS256"` with the client secret as the key, or `"RS256"`
/// - `key`: `"other"` signs with an unpublished key under the id of the published one
/// - `drop`: the names of claims to leave out
pub(crate) async fn set_id_token_fault(
    State(google): State<Arc<GoogleSimulator>>,
    body: Result<Json<IdTokenFault>, JsonRejection>,
) -> ControlResult<Json<IdTokenFault>> {
    let Json(fault) = body?;
    if let Some(problem) = fault.find_problem() {
        return Err(ControlError::bad_request(problem));
    }
    google.set_id_token_fault(fault.clone());
    Ok(Json(fault))
}
