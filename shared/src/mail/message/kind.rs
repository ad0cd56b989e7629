//! The trait that every kind of mail implements, and the macro that connects a kind to its templates.

use std::time::Duration;

use super::event_details::{EventDetails, Source};
use super::palette::{self, Palette};
use crate::clock::Timestamp;
use crate::mail::{ActionLink, Recipient};
use crate::mailed_codes;
use crate::values::Timezone;

/// Time after an event during which a mail or a Slack message about it is still sent.
pub(crate) const NOTICE_TTL: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// A kind of mail: its event, subject, expiry and templates.
pub(super) trait MessageKind: MessageTemplates {
    /// Returns the event that the mail reports.
    fn event(&self) -> &EventDetails;

    /// Returns the subject, which is one line.
    fn subject(&self) -> String;

    /// Returns the name for the greeting. The default is the name of the account that the mail is about. A kind
    /// that goes to another person overrides it.
    fn greeting_name(&self) -> Option<&str> {
        self.event().greeting_name()
    }

    /// Returns the time after which the mail is not sent anymore.
    fn expires_at(&self) -> Timestamp {
        self.event().occurred_at().plus(NOTICE_TTL)
    }
}

/// Renders the two bodies of a mail. The macro [`templates`] implements it.
pub(super) trait MessageTemplates {
    /// Renders the plain text body.
    fn render_text(&self, common: &CommonValues<'_>) -> askama::Result<String>;

    /// Renders the HTML body.
    fn render_html(&self, common: &CommonValues<'_>) -> askama::Result<String>;
}

/// Values that every template gets, under the name `common`.
pub(super) struct CommonValues<'a> {
    /// The subject of the mail.
    pub(super) subject: String,
    /// The name for the greeting, if it is safe to show.
    pub(super) greeting_name: Option<&'a str>,
    pub(super) when: String,
    /// The sender of the request that caused the event, if it is known.
    pub(super) source: Option<&'a Source>,
    pub(super) to: &'a str,
    /// The time zone of all times.
    pub(super) timezone: Timezone,
    /// The link for an owner who did not make the change that the mail reports.
    pub(super) not_me: Option<&'a ActionLink>,
    /// The lifetime of a mailed code, in minutes.
    pub(super) code_minutes: u64,
    /// Colors of the light scheme.
    pub(super) light: &'static Palette,
    /// Colors of the dark scheme.
    pub(super) dark: &'static Palette,
}

impl<'a> CommonValues<'a> {
    /// Collects the values for a mail to `to`.
    pub(super) fn new(
        kind: &'a dyn MessageKind,
        to: Recipient<'a>,
        not_me: Option<&'a ActionLink>,
    ) -> Self {
        let timezone = to.timezone.cloned().unwrap_or_default();
        Self {
            subject: kind.subject(),
            greeting_name: kind.greeting_name(),
            when: kind.event().occurred_at().to_display(&timezone),
            source: kind.event().source(),
            to: to.email.as_str(),
            timezone,
            not_me,
            code_minutes: mailed_codes::CODE_TTL.as_secs() / 60,
            light: &palette::LIGHT,
            dark: &palette::DARK,
        }
    }
}

/// Implements [`MessageTemplates`] for a kind of mail, from the paths of its two templates. A template sees the
/// mail as `message` and the [`CommonValues`] as `common`.
macro_rules! templates {
    ($kind:ident, $text:tt, $html:tt) => {
        impl $crate::mail::message::kind::MessageTemplates for $kind {
            fn render_text(
                &self,
                common: &$crate::mail::message::kind::CommonValues<'_>,
            ) -> ::askama::Result<String> {
                #[derive(::askama::Template)]
                #[template(path = $text)]
                struct Text<'a> {
                    message: &'a $kind,
                    common: &'a $crate::mail::message::kind::CommonValues<'a>,
                }
                ::askama::Template::render(&Text { message: self, common })
            }

            fn render_html(
                &self,
                common: &$crate::mail::message::kind::CommonValues<'_>,
            ) -> ::askama::Result<String> {
                #[derive(::askama::Template)]
                #[template(path = $html)]
                struct Html<'a> {
                    message: &'a $kind,
                    common: &'a $crate::mail::message::kind::CommonValues<'a>,
                }
                ::askama::Template::render(&Html { message: self, common })
            }
        }
    };
}
pub(super) use templates;
