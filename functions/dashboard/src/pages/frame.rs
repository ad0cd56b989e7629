//! The frame of a signed-in page: header, navigation, switcher, banners.

use shared::accounts::passkeys::offer::is_offered;
use shared::clock::Timestamp;
use shared::context::Context;
use shared::error::Error;
use shared::ids::OrganizationId;
use shared::mail::suppression::{Suppression, read_suppression};
use shared::organizations::rights::Right;
use shared::organizations::switcher::{PageUser, SwitcherEntry, load_page_user};
use shared::sessions::AuthenticatedSession;
use shared::values::{SuppressionReason, Timezone};

use super::{
    AccountPage, NavigationItem, OrganizationPage, PageContext, PageError, TimeText, Visitor,
};
use crate::forms::Form;

/// The frame of a signed-in page, which templates show around the content.
pub(crate) struct Frame {
    /// The request of the page.
    pub(crate) page: PageContext,
    /// The session and its user.
    pub(crate) signed_in: AuthenticatedSession,
    /// The title of the page, without the organization.
    pub(crate) title: String,
    /// The organizations of the switcher.
    pub(crate) organizations: Vec<SwitcherEntry>,
    /// Why the person's address gets no mail, if it gets none.
    suppression: Option<Suppression>,
    /// Whether the organizations could not be read.
    pub(crate) is_switcher_unavailable: bool,
    /// Whether it is unknown if the person's address gets mail, because the table is unavailable.
    pub(crate) is_mail_state_unavailable: bool,
    /// Index of the organization in the navigation.
    current: Option<usize>,
    /// Links of the account's navigation.
    pub(crate) account_links: Vec<NavigationLink>,
    /// Links of the organization's navigation; empty if the person has none.
    pub(crate) organization_links: Vec<NavigationLink>,
    /// Whether the page is one of the organization.
    is_organization_page: bool,
    zone: Timezone,
}

/// A link of the navigation.
pub(crate) struct NavigationLink {
    pub(crate) label: &'static str,
    pub(crate) path: String,
    /// Whether it is the link of this page.
    pub(crate) is_current: bool,
}

/// The notice of a person whose address gets no mail.
pub(crate) struct MailNotice {
    pub(crate) text: String,
    /// Whether the person may ask now to try the address again.
    pub(crate) can_retry: bool,
}

impl Frame {
    /// Authenticates the person and loads the frame, in two round trips. Reads beside it can run at the same time.
    ///
    /// # Errors
    /// `InvalidSession` if the session has ended, `PendingDeletion` if the account is scheduled for erasure,
    /// `Unavailable` if the table cannot be read.
    pub(crate) async fn load(
        ctx: &Context,
        visitor: &Visitor,
        item: NavigationItem<'_>,
    ) -> Result<Self, PageError> {
        let user = load_page_user(ctx, &visitor.caller).await?;
        Ok(Self::of_user(ctx, &visitor.page, user, item).await)
    }

    /// Loads the frame of an authenticated person, in one round trip. Without the table the switcher is empty.
    pub(crate) async fn of_user(
        ctx: &Context,
        page: &PageContext,
        user: PageUser,
        item: NavigationItem<'_>,
    ) -> Self {
        let email = user.signed_in.user.email.clone();
        let (switcher, suppression) =
            tokio::join!(user.load_switcher(ctx), read_suppression(ctx, &email));
        for error in switcher.as_ref().err().into_iter().chain(suppression.as_ref().err()) {
            shared::http::log_error(error);
        }
        let is_switcher_unavailable = switcher.is_err();
        let is_mail_state_unavailable = suppression.is_err();
        let organizations = switcher.unwrap_or_default();
        let position = |id: &OrganizationId| organizations.iter().position(|entry| entry.id == *id);
        let (current, is_organization_page) = match item {
            NavigationItem::Account(_) => {
                let last = page.last_organization.as_ref().and_then(position);
                (last.or((!organizations.is_empty()).then_some(0)), false)
            }
            NavigationItem::Organization(id, _) => (position(id), true),
        };
        let account_links = AccountPage::ALL.map(|page| NavigationLink {
            label: page.label(),
            path: page.path().to_owned(),
            is_current: matches!(item, NavigationItem::Account(own) if own == page),
        });
        let organization_id = match item {
            NavigationItem::Organization(id, _) => Some(id),
            NavigationItem::Account(_) => {
                current.and_then(|at| organizations.get(at)).map(|entry| &entry.id)
            }
        };
        let links = organization_id.map(|id| {
            OrganizationPage::ALL.map(|page| NavigationLink {
                label: page.label(),
                path: page.path(id),
                is_current: matches!(item, NavigationItem::Organization(_, own) if own == page),
            })
        });
        Self {
            page: page.clone(),
            title: item.label().to_owned(),
            account_links: account_links.into(),
            organization_links: links.map(Vec::from).unwrap_or_default(),
            current,
            is_organization_page,
            organizations,
            // Without the table there is no notice. The next page has it.
            suppression: suppression.unwrap_or_default(),
            is_switcher_unavailable,
            is_mail_state_unavailable,
            zone: user.signed_in.user.timezone.clone().unwrap_or_default(),
            signed_in: user.signed_in,
        }
    }

    /// Returns the same frame with a title of its own, such as a project's name.
    #[must_use]
    pub(crate) fn with_title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// Returns the organization of the navigation.
    pub(crate) fn organization(&self) -> Option<&SwitcherEntry> {
        self.organizations.get(self.current?)
    }

    /// Returns the organization that the page is about.
    pub(crate) fn page_organization(&self) -> Option<&SwitcherEntry> {
        self.organization().filter(|_| self.is_organization_page)
    }

    /// Returns whether the person has a right in the page's organization.
    pub(crate) fn can(&self, right: Right) -> bool {
        self.page_organization().is_some_and(|entry| entry.role.has_right(right))
    }

    /// Refuses a page that only people with a right in its organization see.
    ///
    /// # Errors
    /// `NoAccess` if the role of the person does not have the right.
    pub(crate) fn require(&self, right: Right) -> Result<(), PageError> {
        // Without the switcher the role is unknown. The operation decides.
        let is_allowed = self.is_switcher_unavailable || self.can(right);
        if is_allowed { Ok(()) } else { Err(Error::NoAccess.into()) }
    }

    /// Returns the organizations whose last payment failed and that the person pays for.
    pub(crate) fn failed_payments(&self) -> Vec<&SwitcherEntry> {
        let failed = |entry: &&SwitcherEntry| {
            entry.is_payment_failed && entry.role.has_right(Right::ManageBilling)
        };
        self.organizations.iter().filter(failed).collect()
    }

    /// Returns the notice of a person whose address gets no mail.
    pub(crate) fn mail_notice(&self) -> Option<MailNotice> {
        let suppression = self.suppression.as_ref()?;
        let address = self.signed_in.user.email.as_str();
        let day = self.time(&suppression.since).day;
        let what = match suppression.reason {
            SuppressionReason::Bounce => "came back",
            SuppressionReason::Complaint => "was reported as spam",
        };
        let can_retry = self.page.now >= suppression.can_retry_at;
        let remedy = if can_retry {
            "Change your address, or try again if it works now.".to_owned()
        } else {
            let from = self.time(&suppression.can_retry_at).exact;
            format!("Change your address. You can try again from {from}.")
        };
        let text =
            format!("A mail to {address} {what} ({day}), so we send you no more mail. {remedy}");
        Some(MailNotice { text, can_retry })
    }

    /// Returns whether the page offers to add a passkey.
    pub(crate) fn offers_passkey(&self) -> bool {
        self.page.has_passkey_offer && is_offered(&self.signed_in.user)
    }

    /// Returns the form that posts to `action`.
    pub(crate) fn form(&self, action: impl AsRef<str>) -> Form<'_> {
        self.page.form(action.as_ref())
    }

    /// Formats a time in the person's time zone.
    pub(crate) fn time(&self, at: &Timestamp) -> TimeText {
        TimeText::new(*at, self.page.now, &self.zone)
    }

    /// Returns the title of the browser's window.
    pub(crate) fn window_title(&self) -> String {
        match self.page_organization() {
            Some(entry) => format!("{} · {} · AIUS", self.title, entry.name),
            None => format!("{} · AIUS", self.title),
        }
    }
}
