//! What is to go wrong with the next calls of the API, so that a test sees its service cope.

use std::time::Duration;

use axum::http::StatusCode;
use serde::Deserialize;

/// How long a call takes that is to time out.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What goes wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    /// With so many calls from now on; 0 takes it back.
    next: u32,
    status: How,
    /// Calls that are let through first.
    #[serde(default)]
    skip: u32,
    /// Whether what was asked for is done nevertheless.
    #[serde(default)]
    pub(super) after: bool,
}

/// A status, or no answer for long.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum How {
    Status(u16),
    Slow(Slow),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Slow {
    Timeout,
}

impl Fault {
    /// What contradicts itself, in words.
    pub(super) fn defect(&self) -> Option<&'static str> {
        match self.status {
            How::Status(status) if !(400..=599).contains(&status) => {
                Some("status is not 400 to 599")
            }
            How::Status(_) | How::Slow(Slow::Timeout) => None,
        }
    }

    /// With how many calls.
    pub(super) fn next(&self) -> u32 {
        self.next
    }

    pub(super) fn status(&self) -> StatusCode {
        match self.status {
            How::Status(status) => StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY),
            How::Slow(Slow::Timeout) => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    pub(super) async fn wait(&self) {
        match self.status {
            How::Status(_) => {}
            How::Slow(Slow::Timeout) => tokio::time::sleep(TIMEOUT).await,
        }
    }

    /// The same for the call at hand, counted.
    pub(super) fn take(&mut self) -> Option<Self> {
        if let Some(skip) = self.skip.checked_sub(1) {
            self.skip = skip;
            return None;
        }
        self.next = self.next.checked_sub(1)?;
        Some(self.clone())
    }
}
