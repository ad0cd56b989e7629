//! Mail that reports that a command line was allowed to sign in.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use super::safe_text::safe_organization_name;
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::requester::Requester;
use crate::tokens::Scope;
use crate::values::{Name, Timezone};

/// Mail that reports that a command line was allowed to sign in.
#[derive(Clone, Serialize, Deserialize)]
pub struct DeviceApproved {
    #[serde(flatten)]
    event: EventDetails,
    /// What the program calls itself.
    program: Name,
    /// What the program calls the device, if it names it.
    device: Option<Name>,
    /// The network address that the program asked from.
    asked_from: IpAddr,
    /// What the program may do, as a list.
    scopes: String,
    /// When the program's token expires.
    expires_at: Timestamp,
    link: String,
}

templates!(DeviceApproved, "mail/device_approved.txt", "mail/device_approved.html");

/// The approval that a [`DeviceApproved`] reports.
#[derive(Clone, Copy, Debug)]
pub struct DeviceApprovedParams<'a> {
    /// What the program calls itself.
    pub program: &'a Name,
    /// What the program calls the device, if it names it.
    pub device: Option<&'a Name>,
    /// The network address that the program asked from.
    pub asked_from: IpAddr,
    /// What the program may do.
    pub scopes: &'a [Scope],
    /// When the program's token expires.
    pub expires_at: Timestamp,
}

impl DeviceApproved {
    /// Returns the program and its device. The program has chosen both names, so only safe ones are shown.
    fn what(&self) -> String {
        let device = self.device.as_ref().and_then(safe_organization_name);
        let device = device.map_or_else(String::new, |device| format!(" on “{device}”"));
        match safe_organization_name(&self.program) {
            Some(program) => format!("The program “{program}”{device}"),
            None => format!("A program{device}"),
        }
    }

    fn formatted_expiry(&self, zone: &Timezone) -> String {
        self.expires_at.to_display(zone)
    }
}

impl MessageKind for DeviceApproved {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "A program was signed in to your AIUS account".to_owned()
    }
}

impl Message {
    /// Creates the mail that reports an approval. `requester` is the browser that it came from.
    pub fn device_approved(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        approved: DeviceApprovedParams<'_>,
    ) -> Self {
        let scopes: Vec<_> = approved.scopes.iter().map(|scope| scope.name()).collect();
        Self::DeviceApproved(DeviceApproved {
            event: EventDetails::new(ctx, requester, &user.name),
            program: approved.program.clone(),
            device: approved.device.cloned(),
            asked_from: approved.asked_from,
            scopes: scopes.join(", "),
            expires_at: approved.expires_at,
            link: account_link(ctx),
        })
    }
}
