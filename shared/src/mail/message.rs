//! The messages, one variant each, and their templates in `templates/mail/`.

use std::net::IpAddr;
use std::time::Duration;

use askama::Template;
use serde::{Deserialize, Serialize};

use super::device;
use crate::accounts::{Name, User};
use crate::clock::Timestamp;
use crate::codes::{self, Code, Purpose};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::requester::Requester;

/// What a mail says. Stored encrypted until it is sent.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// The code that proves a new account's address.
    VerificationCode {
        /// As whom somebody registered.
        name: Name,
        /// The code.
        code: String,
        /// When it was asked for, from where, with what.
        origin: Origin,
    },
    /// The code that lets somebody choose another password.
    ResetCode {
        /// The account's name.
        name: Name,
        /// The code.
        code: String,
        /// When it was asked for, from where, with what.
        origin: Origin,
    },
    /// The account has another password.
    PasswordChanged {
        /// The account's name.
        name: Name,
        /// When it was set, from where, with what.
        origin: Origin,
        /// Where to go if that was somebody else.
        link: String,
    },
}

/// When and from where something was asked for.
#[derive(Clone, Serialize, Deserialize)]
pub struct Origin {
    at: Timestamp,
    ip: IpAddr,
    device: String,
}

impl Origin {
    fn new(ctx: &Context, requester: &Requester) -> Self {
        Self { at: ctx.now(), ip: requester.ip, device: device::describe(&requester.user_agent) }
    }

    /// `21 Nov 2026, 18:52 UTC, from 203.0.113.9 with Firefox on Linux`
    fn sentence(&self) -> String {
        format!("{}, from {} with {}", self.at.for_people(), self.ip, self.device)
    }
}

/// A message ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// For readers of plain text.
    pub text: String,
    /// The same for readers of HTML.
    pub html: String,
}

#[derive(Template)]
#[template(path = "mail/verification_code.txt")]
struct VerificationCodeText<'a> {
    name: Option<&'a str>,
    code: &'a str,
    minutes: u64,
    origin: &'a str,
}

#[derive(Template)]
#[template(path = "mail/verification_code.html")]
struct VerificationCodeHtml<'a> {
    name: Option<&'a str>,
    code: &'a str,
    minutes: u64,
    origin: &'a str,
}

#[derive(Template)]
#[template(path = "mail/reset_code.txt")]
struct ResetCodeText<'a> {
    name: Option<&'a str>,
    code: &'a str,
    minutes: u64,
    origin: &'a str,
}

#[derive(Template)]
#[template(path = "mail/reset_code.html")]
struct ResetCodeHtml<'a> {
    name: Option<&'a str>,
    code: &'a str,
    minutes: u64,
    origin: &'a str,
}

#[derive(Template)]
#[template(path = "mail/password_changed.txt")]
struct PasswordChangedText<'a> {
    name: Option<&'a str>,
    origin: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "mail/password_changed.html")]
struct PasswordChangedHtml<'a> {
    name: Option<&'a str>,
    origin: &'a str,
    link: &'a str,
}

impl Message {
    /// A code.
    pub fn code(
        ctx: &Context,
        requester: &Requester,
        purpose: Purpose,
        user: &User,
        code: &Code,
    ) -> Self {
        let (name, code) = (user.name.clone(), code.reveal().to_owned());
        let origin = Origin::new(ctx, requester);
        match purpose {
            Purpose::VerifyEmail => Self::VerificationCode { name, code, origin },
            Purpose::ResetPassword => Self::ResetCode { name, code, origin },
        }
    }

    /// The news of another password.
    pub fn password_changed(ctx: &Context, requester: &Requester, user: &User) -> Self {
        Self::PasswordChanged {
            name: user.name.clone(),
            origin: Origin::new(ctx, requester),
            link: format!("{}/account", ctx.config.base_url),
        }
    }

    /// A message of the size of one with a code, to nobody.
    pub(super) fn decoy(ctx: &Context, requester: &Requester) -> Result<Self> {
        Ok(Self::VerificationCode {
            name: Name::parse("Nobody Atall")?,
            code: "NOCODE".to_owned(),
            origin: Origin::new(ctx, requester),
        })
    }

    /// Until when sending it makes sense.
    pub(super) fn expires_at(&self) -> Timestamp {
        match self {
            Self::VerificationCode { origin, .. } | Self::ResetCode { origin, .. } => {
                origin.at.plus(codes::LIFETIME)
            }
            Self::PasswordChanged { origin, .. } => origin.at.plus(NEWS_LIFETIME),
        }
    }

    /// Subject and both bodies.
    pub fn render(&self) -> Result<Rendered> {
        let minutes = codes::LIFETIME.as_secs() / 60;
        match self {
            Self::VerificationCode { name, code, origin } => {
                let (name, origin) = (greeted(name), &origin.sentence());
                Ok(Rendered {
                    subject: format!("{code} is your AIUS verification code"),
                    text: fill(&VerificationCodeText { name, code, minutes, origin })?,
                    html: fill(&VerificationCodeHtml { name, code, minutes, origin })?,
                })
            }
            Self::ResetCode { name, code, origin } => {
                let (name, origin) = (greeted(name), &origin.sentence());
                Ok(Rendered {
                    subject: format!("{code} is your AIUS password reset code"),
                    text: fill(&ResetCodeText { name, code, minutes, origin })?,
                    html: fill(&ResetCodeHtml { name, code, minutes, origin })?,
                })
            }
            Self::PasswordChanged { name, origin, link } => {
                let (name, origin) = (greeted(name), &origin.sentence());
                Ok(Rendered {
                    subject: "Your AIUS password was changed".to_owned(),
                    text: fill(&PasswordChangedText { name, origin, link })?,
                    html: fill(&PasswordChangedHtml { name, origin, link })?,
                })
            }
        }
    }
}

/// Until when it helps to be told that something happened.
const NEWS_LIFETIME: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// The name to greet with, if it is one: whoever registers somebody else's address chooses the name
/// in the mail that we send there, and must not get to write a message or a link with it.
fn greeted(name: &Name) -> Option<&str> {
    /// Characters of a name that is certainly no sentence.
    const LONGEST: usize = 40;
    let name = name.as_str();
    let fits = name.chars().count() <= LONGEST && name.split(' ').count() <= 4;
    let plain = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’');
    (fits && name.chars().all(plain)).then_some(name)
}

fn fill(template: &impl Template) -> Result<String> {
    template.render().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin {
            at: Timestamp::from_seconds(1_717_123_456),
            ip: "203.0.113.9".parse().unwrap(),
            device: "curl".to_owned(),
        }
    }

    fn verification_code(name: &str) -> Rendered {
        let (name, code) = (Name::parse(name).unwrap(), "ABC234".to_owned());
        Message::VerificationCode { name, code, origin: origin() }.render().unwrap()
    }

    /// A whole mail as one text.
    fn whole(mail: &Rendered) -> String {
        format!("{}\n\n{}\n----\n{}", mail.subject, mail.text, mail.html)
    }

    #[test]
    fn reset_code_reads_well() {
        let (name, code) = (Name::parse("Ada Lovelace").unwrap(), "ABC234".to_owned());
        let mail = Message::ResetCode { name, code, origin: origin() }.render().unwrap();
        insta::assert_snapshot!(whole(&mail));
    }

    #[test]
    fn password_changed_reads_well() {
        let (name, link) = (Name::parse("Ada").unwrap(), "https://aius.co/account".to_owned());
        let mail = Message::PasswordChanged { name, origin: origin(), link }.render().unwrap();
        insta::assert_snapshot!(whole(&mail));
    }

    #[test]
    fn verification_code_reads_well() {
        let mail = verification_code("Ada Lovelace");
        insta::assert_snapshot!(whole(&mail));
    }

    #[test]
    fn a_name_carries_no_message_to_somebody_elses_address() {
        for name in [
            "<a href='https://evil.example'>Click</a>",
            "your prize waits at evil.example",
            "call 555 0123",
            "please do send us the code now",
        ] {
            let mail = verification_code(name);
            assert!(mail.text.starts_with("Hello,"), "{}", mail.text);
            assert!(!format!("{mail:?}").contains(name), "{mail:?}");
        }
        for name in ["Ada Lovelace", "Jean-Luc O'Brien", "李小龍", "Łukasz Żak"] {
            assert!(verification_code(name).text.starts_with(&format!("Hello {name},")));
        }
    }
}
