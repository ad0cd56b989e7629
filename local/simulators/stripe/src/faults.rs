//! Simulated failures of the API, with which a test proves that the service copes with them.

use std::time::Duration;

use axum::http::StatusCode;
use serde::Deserialize;

/// The delay of a call that times out.
const TIMEOUT_DELAY: Duration = Duration::from_secs(30);

/// A failure of the next calls, in the form of the control endpoint's body.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiFault {
    /// The number of calls that still fail; 0 disables the fault.
    next: u32,
    #[serde(rename = "status")]
    failure: Failure,
    /// The number of calls that succeed before the first one fails.
    #[serde(default)]
    skip: u32,
    /// Whether the call is executed before it fails.
    #[serde(default)]
    pub(crate) after: bool,
}

/// The way in which a call fails: with a status, or with `"timeout"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Failure {
    Status(u16),
    Named(NamedFailure),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum NamedFailure {
    Timeout,
}

impl ApiFault {
    /// Returns what is wrong with the fault, or `None` if it is valid.
    pub(crate) fn find_problem(&self) -> Option<&'static str> {
        match self.failure {
            Failure::Status(status) if !(400..=599).contains(&status) => {
                Some("status must be 400 to 599 or \"timeout\"")
            }
            Failure::Status(_) | Failure::Named(NamedFailure::Timeout) => None,
        }
    }

    /// Returns the number of calls that still fail.
    pub(crate) fn remaining_calls(&self) -> u32 {
        self.next
    }

    /// Returns the HTTP status of the failed call.
    pub(crate) fn status(&self) -> StatusCode {
        match self.failure {
            Failure::Status(status) => {
                StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY)
            }
            Failure::Named(NamedFailure::Timeout) => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// Delays the response of a call that times out.
    pub(crate) async fn delay(&self) {
        match self.failure {
            Failure::Status(_) => {}
            Failure::Named(NamedFailure::Timeout) => tokio::time::sleep(TIMEOUT_DELAY).await,
        }
    }

    /// Counts one call. Returns the fault if this call fails.
    pub(crate) fn take(&mut self) -> Option<Self> {
        if let Some(skip) = self.skip.checked_sub(1) {
            self.skip = skip;
            return None;
        }
        self.next = self.next.checked_sub(1)?;
        Some(self.clone())
    }
}
