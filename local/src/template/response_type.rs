//! The way in which a function reports failures.

use serde::Deserialize;

/// The way in which a function reports failures. The local stack supports only this one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum ResponseType {
    ReportBatchItemFailures,
}
