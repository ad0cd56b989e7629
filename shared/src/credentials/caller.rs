//! The argument by which operations know who calls them.

use super::Credential;
use crate::requester::Requester;
use crate::tokens::Scope;

/// The sender of a request and the credential it presented. The credential is not authenticated yet.
#[derive(Debug)]
pub struct Caller {
    /// The address and device that the request came from.
    pub requester: Requester,
    /// The scope that the route requires of a bearer token. `None` if any token may call it.
    pub scope: Option<Scope>,
    /// The credential that the request presented.
    pub credential: Credential,
}
