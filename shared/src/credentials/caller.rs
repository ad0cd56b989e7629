//! The argument by which operations know who calls them.

use super::Credential;
use crate::requester::Requester;

/// The sender of a request and the credential it presented. The credential is not authenticated yet.
#[derive(Debug)]
pub struct Caller {
    /// The address and device that the request came from.
    pub requester: Requester,
    /// The credential that the request presented.
    pub credential: Credential,
}
