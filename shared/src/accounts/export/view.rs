//! The fields of an export.

use std::net::IpAddr;

use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::passkeys::PasskeyView;
use crate::accounts::two_factor::StoredTwoFactor;
use crate::accounts::{ExportedLink, GoogleAccount, User, UserView};
use crate::activity::user_log::UserEvent;
use crate::clock::Timestamp;
use crate::notifications::PreferencesView;
use crate::organizations::list::OrganizationSummary;
use crate::sessions::{Session, SignInMethod};
use crate::tokens::TokenView;

/// Everything that is stored about a person, except secrets and their hashes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Export {
    /// The time at which the export was made.
    pub(super) exported_at: Timestamp,
    /// The account, with its stored security settings.
    pub(super) user: ExportedUser,
    /// The notification preferences of the user.
    pub(super) notifications: PreferencesView,
    /// Stored sessions, the newest first: at most 2,000.
    pub(super) sessions: Vec<ExportedSession>,
    /// Whether the account has more sessions than `sessions` shows.
    pub(super) sessions_truncated: bool,
    /// Personal access tokens, the latest first: at most 2,000.
    pub(super) tokens: Vec<TokenView>,
    /// Whether there are more tokens; `/tokens` lists all.
    pub(super) tokens_truncated: bool,
    /// Organizations that the person belongs to: at most 1,000.
    pub(super) clients: Vec<OrganizationSummary>,
    /// Whether the user belongs to more organizations than `clients` shows.
    pub(super) clients_truncated: bool,
    /// Security events of the last year, the newest first: at most 10,000.
    pub(super) activity: Vec<UserEvent>,
    /// Whether there are more events; `/me/activity` lists all.
    pub(super) activity_truncated: bool,
}

/// The account, with fields that `/me` does not show.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedUser {
    /// The account as `/me` shows it.
    #[serde(flatten)]
    pub profile: UserView,
    /// The connected Google account; null if there is none.
    #[schema(required)]
    pub google: Option<ExportedGoogle>,
    /// The status of two-factor authentication, with its stored data.
    pub two_factor: StoredTwoFactor,
    /// The passkeys of the account, without their public keys.
    pub passkeys: Vec<PasskeyView>,
    /// Whether the person declined the offer to add a passkey for good.
    #[schema(example = false)]
    pub passkey_offer_declined: bool,
    /// Previous addresses that the account can still restore.
    pub former_emails: Vec<FormerEmail>,
    /// Links in mails to the account that still work, at most 100.
    pub mailed_links: Vec<ExportedLink>,
    /// Number of devices that the person has signed in with. Only their fingerprints are stored.
    pub known_devices: usize,
    /// Organization that was created with the account.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub default_client_id: String,
}

/// A connected Google account.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedGoogle {
    /// Issuer of its ID tokens: Google's `iss`.
    #[schema(example = "https://accounts.google.com")]
    pub issuer: String,
    /// Id of the account at Google: Google's `sub`.
    #[schema(example = "110169484474386276334")]
    pub subject: String,
    /// Address of the Google account as of its last sign-in here.
    #[schema(example = "dev@example.com")]
    pub email: String,
    /// The time at which the Google account was connected.
    pub connected_at: Timestamp,
}

/// An email address that the account had before, and that can still be restored.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormerEmail {
    /// The previous email address.
    #[schema(example = "old@example.com")]
    pub(super) email: String,
    /// Time until which the link that was mailed there restores it.
    pub(super) until: Timestamp,
}

/// A session in the export of a user's data.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedSession {
    /// The id of the session, an opaque string.
    #[schema(example = "ses_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// Whether the session is still valid.
    pub active: bool,
    /// Methods of the sign-in: `pwd`, `mail`, `google`, `otp`, `recovery`, `passkey`.
    #[schema(value_type = Vec<String>, example = json!(["pwd", "otp"]))]
    pub methods: Vec<SignInMethod>,
    /// The IP address that signed in.
    #[schema(value_type = String, example = "203.0.113.9")]
    pub ip: IpAddr,
    /// The user agent (browser or program) that signed in.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0")]
    pub user_agent: String,
    /// The time of the sign-in that started the session.
    pub created_at: Timestamp,
    /// Time of the last use, accurate to the hour.
    pub last_seen_at: Timestamp,
    /// Time when the session ends at the latest.
    pub expires_at: Timestamp,
}

impl ExportedUser {
    pub(super) fn new(
        user: &User,
        two_factor: StoredTwoFactor,
        passkeys: Vec<PasskeyView>,
        former_emails: Vec<FormerEmail>,
        mailed_links: Vec<ExportedLink>,
    ) -> Self {
        Self {
            profile: UserView::from(user),
            google: user.google.as_ref().map(ExportedGoogle::from),
            two_factor,
            passkeys,
            passkey_offer_declined: user.passkey_offer_declined,
            former_emails,
            mailed_links,
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
    pub(super) fn new(session: Session, user: &User, now: Timestamp) -> Self {
        Self {
            active: session.is_active(user, now),
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
