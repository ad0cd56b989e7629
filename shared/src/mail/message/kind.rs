//! What makes a type a kind of message.

use std::time::Duration;

use super::about::About;
use crate::clock::Timestamp;
use crate::codes;
use crate::values::EmailAddress;

/// Until when it helps to be told that something happened.
const NEWS_LIFETIME: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// A kind of message: its subject, and how long it is of use.
pub(super) trait Kind: Bodies {
    fn about(&self) -> &About;

    /// One line.
    fn subject(&self) -> String;

    /// Whom to greet by name: the one whose account it is about, unless it goes to somebody else.
    fn greeted(&self) -> Option<&str> {
        self.about().greeted()
    }

    /// Until when sending it makes sense.
    fn expires_at(&self) -> Timestamp {
        self.about().when().plus(NEWS_LIFETIME)
    }
}

/// The two texts of a message, from its templates.
pub(super) trait Bodies {
    fn text(&self, page: &Page<'_>) -> askama::Result<String>;
    fn html(&self, page: &Page<'_>) -> askama::Result<String>;
}

/// What all templates are given, as `page`.
pub(super) struct Page<'a> {
    pub(super) subject: String,
    /// Whom to greet by name.
    pub(super) name: Option<&'a str>,
    /// When, from where and with what.
    pub(super) origin: String,
    /// Who gets it.
    pub(super) to: &'a str,
    /// How long a code is good for.
    pub(super) code_minutes: u64,
}

impl<'a> Page<'a> {
    pub(super) fn of(kind: &'a dyn Kind, to: &'a EmailAddress) -> Self {
        let about = kind.about();
        Self {
            subject: kind.subject(),
            name: kind.greeted(),
            origin: about.sentence(),
            to: to.as_str(),
            code_minutes: codes::LIFETIME.as_secs() / 60,
        }
    }
}

/// Gives a kind of message its templates, in which `m` is the message and `page` the [`Page`].
macro_rules! templates {
    ($kind:ident, $text:tt, $html:tt) => {
        impl $crate::mail::message::kind::Bodies for $kind {
            fn text(
                &self,
                page: &$crate::mail::message::kind::Page<'_>,
            ) -> ::askama::Result<String> {
                #[derive(::askama::Template)]
                #[template(path = $text)]
                struct Text<'a> {
                    m: &'a $kind,
                    page: &'a $crate::mail::message::kind::Page<'a>,
                }
                ::askama::Template::render(&Text { m: self, page })
            }

            fn html(
                &self,
                page: &$crate::mail::message::kind::Page<'_>,
            ) -> ::askama::Result<String> {
                #[derive(::askama::Template)]
                #[template(path = $html)]
                struct Html<'a> {
                    m: &'a $kind,
                    page: &'a $crate::mail::message::kind::Page<'a>,
                }
                ::askama::Template::render(&Html { m: self, page })
            }
        }
    };
}
pub(super) use templates;
