//! A request as the page shows it to the person who decides.

use std::net::IpAddr;

use super::{DeviceAuthorization, RequestId, token_lifetime};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::mail::describe_device;
use crate::tokens::Scope;
use crate::values::Name;

/// A request that waits for the answer of a person.
#[derive(Clone, Debug)]
pub struct DeviceRequest {
    /// The id, with which the person answers. Only who has seen the user code knows it.
    pub id: RequestId,
    /// What the program calls itself.
    pub program: Name,
    /// What the program calls the device, if it names it.
    pub device: Option<Name>,
    /// What the program asks to be allowed.
    pub scopes: Vec<Scope>,
    /// The network address that the program asked from.
    pub ip: IpAddr,
    /// The user agent of the program.
    pub user_agent: String,
    /// The user agent in words.
    pub user_agent_text: String,
    /// When the program asked.
    pub requested_at: Timestamp,
    /// When the codes expire.
    pub expires_at: Timestamp,
    /// When the token expires if the program fetches it now.
    pub token_expires_at: Timestamp,
}

impl DeviceRequest {
    /// Creates the view of a row at `now`.
    pub(super) fn new(row: &DeviceAuthorization, now: Timestamp) -> Result<Self> {
        Ok(Self {
            id: row.id.clone(),
            program: row.program.clone(),
            device: row.device.clone(),
            scopes: row.scopes.to_list(),
            ip: row.requester.ip,
            user_agent: row.requester.user_agent.clone(),
            user_agent_text: describe_device(&row.requester.user_agent),
            requested_at: row.requested_at,
            expires_at: row.expires_at,
            token_expires_at: token_lifetime()?.expires_at(now),
        })
    }
}
