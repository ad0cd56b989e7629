//! So much of an organization's credits is used.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::{About, account_link};
use super::kind::{Kind, templates};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::text::shortened;
use crate::values::Name;

/// Characters of an organization's name in a subject.
const LONGEST_IN_SUBJECT: usize = 30;

/// So much of an organization's credits is used. Whoever gets this is one of its members.
#[derive(Clone, Serialize, Deserialize)]
pub struct CreditsUsed {
    /// Whom it is for, and when they were used.
    #[serde(flatten)]
    about: About,
    /// What the organization is called.
    #[serde(rename = "client")]
    organization: Name,
    percent: u8,
    /// Where notices are switched on and off, and credits bought.
    link: String,
}

templates!(CreditsUsed, "mail/credits_used.txt", "mail/credits_used.html");

impl CreditsUsed {
    fn when(&self) -> String {
        self.about.when().for_people()
    }

    fn are_all_used(&self) -> bool {
        self.percent >= 100
    }

    /// How much.
    fn part(&self) -> String {
        if self.are_all_used() { "all".to_owned() } else { format!("{} %", self.percent) }
    }
}

impl Kind for CreditsUsed {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        let organization = shortened(self.organization.as_str(), LONGEST_IN_SUBJECT);
        format!("{organization} has used {} of its credits", self.part())
    }
}

impl Message {
    /// The news, for somebody with that name, that so many percent of the credits of the organization
    /// `client` were used by then.
    pub fn credits_used(
        ctx: &Context,
        name: &Name,
        organization: &Name,
        percent: u8,
        at: Timestamp,
    ) -> Self {
        let (about, link) = (About::of(at, name), account_link(ctx));
        Self::CreditsUsed(CreditsUsed { about, organization: organization.clone(), percent, link })
    }
}
