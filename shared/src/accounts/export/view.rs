//! What an export says.

use std::net::IpAddr;

use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::two_factor::StoredTwoFactor;
use crate::accounts::{GoogleAccount, User, UserView};
use crate::activity::user_log::UserEvent;
use crate::clock::Timestamp;
use crate::notifications::PreferencesView;
use crate::organizations::list::OrganizationSummary;
use crate::sessions::{Method, Session};
use crate::tokens::TokenView;

/// Everything stored about a person. Never a secret, nor what one is checked by.
#[derive(Debug, Serialize, ToSchema)]
pub struct Export {
    /// As of when.
    pub(super) exported_at: Timestamp,
    /// The account.
    pub(super) user: ExportedUser,
    /// What the person is told of, and where.
    pub(super) notifications: PreferencesView,
    /// The sessions that are stored, the newest first: at most 2,000.
    pub(super) sessions: Vec<ExportedSession>,
    /// Whether there are more.
    pub(super) sessions_truncated: bool,
    /// The person's own tokens, the latest first: at most 2,000.
    pub(super) tokens: Vec<TokenView>,
    /// Whether there are more; `/tokens` has all.
    pub(super) tokens_truncated: bool,
    /// The clients that the person belongs to: at most 1,000.
    pub(super) clients: Vec<OrganizationSummary>,
    /// Whether there are more.
    pub(super) clients_truncated: bool,
    /// The person's own events of the last year, the newest first: at most 10,000.
    pub(super) activity: Vec<UserEvent>,
    /// Whether there are more; `/me/activity` has all.
    pub(super) activity_truncated: bool,
}

/// The account, with what `/me` doesn't show.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedUser {
    /// As `/me` shows it.
    #[serde(flatten)]
    profile: UserView,
    /// The account at Google that signs in, or null.
    #[schema(required)]
    google: Option<ExportedGoogle>,
    /// The second factor.
    two_factor: StoredTwoFactor,
    /// Addresses from before that the account can still have back.
    former_emails: Vec<FormerEmail>,
    /// From how many devices the person is known to sign in. Only fingerprints of them are stored.
    known_devices: usize,
    /// The client that came with the account.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    default_client_id: String,
}

/// A connected account at Google.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedGoogle {
    /// Who vouches for it: Google's `iss`.
    #[schema(example = "https://accounts.google.com")]
    issuer: String,
    /// Its name there: Google's `sub`.
    #[schema(example = "110169484474386276334")]
    subject: String,
    /// Its address when it was last used.
    #[schema(example = "dev@example.com")]
    email: String,
    /// Since when it signs in here.
    connected_at: Timestamp,
}

/// An address from before.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormerEmail {
    /// The address.
    #[schema(example = "old@example.com")]
    pub(super) email: String,
    /// Until when the link that was mailed there brings it back.
    pub(super) until: Timestamp,
}

/// A session as stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedSession {
    /// Opaque id.
    #[schema(example = "ses_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// Whether it can be used.
    active: bool,
    /// How the person signed in: `pwd`, `mail`, `google`, `otp`, `recovery`.
    #[schema(value_type = Vec<String>, example = json!(["pwd", "otp"]))]
    methods: Vec<Method>,
    /// From where it began.
    #[schema(value_type = String, example = "203.0.113.9")]
    ip: IpAddr,
    /// With what it began.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0")]
    user_agent: String,
    /// When its user signed in.
    created_at: Timestamp,
    /// When it was last used, to the hour.
    last_seen_at: Timestamp,
    /// When it ends at the latest.
    expires_at: Timestamp,
}

impl ExportedUser {
    pub(super) fn new(
        user: &User,
        two_factor: StoredTwoFactor,
        former_emails: Vec<FormerEmail>,
    ) -> Self {
        Self {
            profile: UserView::from(user),
            google: user.google.as_ref().map(ExportedGoogle::from),
            two_factor,
            former_emails,
            known_devices: user.known_devices.count(),
            default_client_id: user.default_client_id.to_string(),
        }
    }
}

impl From<&GoogleAccount> for ExportedGoogle {
    fn from(google: &GoogleAccount) -> Self {
        Self {
            issuer: google.issuer.clone(),
            subject: google.subject.clone(),
            email: google.email.to_string(),
            connected_at: google.connected_at,
        }
    }
}

impl ExportedSession {
    pub(super) fn of(session: Session, user: &User, now: Timestamp) -> Self {
        Self {
            active: session.is_alive(user, now),
            id: session.id.to_string(),
            methods: session.methods,
            ip: session.ip,
            user_agent: session.user_agent,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
        }
    }
}
