//! The items of the navigation: their labels and paths.

use shared::ids::OrganizationId;

/// An item of the navigation: a page of the account, or of an organization.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NavigationItem<'a> {
    /// A page of the account.
    Account(AccountPage),
    /// A page of an organization.
    Organization(&'a OrganizationId, OrganizationPage),
}

/// A page of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountPage {
    Profile,
    Security,
    Connections,
    Notifications,
    Tokens,
    ApiKeys,
    Activity,
    Organizations,
}

/// A page of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrganizationPage {
    Overview,
    Projects,
    Artifacts,
    Team,
    ApiKeys,
    Usage,
    Billing,
    Activity,
    Settings,
}

impl AccountPage {
    /// All pages in the order of the navigation.
    pub(crate) const ALL: [Self; 8] = [
        Self::Profile,
        Self::Security,
        Self::Connections,
        Self::Notifications,
        Self::Tokens,
        Self::ApiKeys,
        Self::Activity,
        Self::Organizations,
    ];

    /// Returns the label in the navigation.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Profile => "Profile",
            Self::Security => "Security",
            Self::Connections => "Connections",
            Self::Notifications => "Notifications",
            Self::Tokens => "Tokens",
            Self::ApiKeys => "API keys",
            Self::Activity => "Activity",
            Self::Organizations => "Organizations",
        }
    }

    /// Returns the path.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Profile => "/account/profile",
            Self::Security => "/account/security",
            Self::Connections => "/account/connections",
            Self::Notifications => "/account/notifications",
            Self::Tokens => "/account/tokens",
            Self::ApiKeys => "/account/api-keys",
            Self::Activity => "/account/activity",
            Self::Organizations => "/account/organizations",
        }
    }
}

impl OrganizationPage {
    /// All pages in the order of the navigation.
    pub(crate) const ALL: [Self; 9] = [
        Self::Overview,
        Self::Projects,
        Self::Artifacts,
        Self::Team,
        Self::ApiKeys,
        Self::Usage,
        Self::Billing,
        Self::Activity,
        Self::Settings,
    ];

    /// Returns the label in the navigation.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Projects => "Projects",
            Self::Artifacts => "Artifacts",
            Self::Team => "Team",
            Self::ApiKeys => "API keys",
            Self::Usage => "Usage",
            Self::Billing => "Billing",
            Self::Activity => "Activity",
            Self::Settings => "Settings",
        }
    }

    /// Returns the path in an organization.
    pub(crate) fn path(self, organization: &impl std::fmt::Display) -> String {
        let page = match self {
            Self::Overview => "",
            Self::Projects => "/projects",
            Self::Artifacts => "/artifacts",
            Self::Team => "/team",
            Self::ApiKeys => "/api-keys",
            Self::Usage => "/usage",
            Self::Billing => "/billing",
            Self::Activity => "/activity",
            Self::Settings => "/settings",
        };
        format!("/account/organizations/{organization}{page}")
    }
}

impl NavigationItem<'_> {
    /// Returns the page's label.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Account(page) => page.label(),
            Self::Organization(_, page) => page.label(),
        }
    }
}
