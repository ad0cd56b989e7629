//! The messages, one variant each, and their templates in `templates/mail/`.

use std::net::IpAddr;

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::accounts::{Name, User};
use crate::clock::Timestamp;
use crate::codes::{self, Code};
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
}

/// When and from where something was asked for.
#[derive(Clone, Serialize, Deserialize)]
pub struct Origin {
    at: Timestamp,
    ip: IpAddr,
    user_agent: String,
}

impl Origin {
    fn new(ctx: &Context, requester: &Requester) -> Self {
        Self {
            at: ctx.now(),
            ip: requester.ip,
            user_agent: requester.user_agent.clone(),
        }
    }

    /// `21 Nov 2026, 18:52 UTC, from 203.0.113.9 (curl/8.5.0)`
    fn sentence(&self) -> String {
        let with = if self.user_agent.is_empty() {
            "an unnamed client"
        } else {
            &self.user_agent
        };
        format!("{}, from {} ({with})", self.at.for_people(), self.ip)
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
    name: &'a str,
    code: &'a str,
    minutes: u64,
    origin: &'a str,
}

#[derive(Template)]
#[template(path = "mail/verification_code.html")]
struct VerificationCodeHtml<'a> {
    name: &'a str,
    code: &'a str,
    minutes: u64,
    origin: &'a str,
}

impl Message {
    /// The code for a new account.
    pub fn verification_code(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        code: &Code,
    ) -> Self {
        Self::VerificationCode {
            name: user.name.clone(),
            code: code.reveal().to_owned(),
            origin: Origin::new(ctx, requester),
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
            Self::VerificationCode { origin, .. } => origin.at.plus(codes::LIFETIME),
        }
    }

    /// Subject and both bodies.
    pub fn render(&self) -> Result<Rendered> {
        match self {
            Self::VerificationCode { name, code, origin } => {
                let (name, minutes, origin) = (
                    name.as_str(),
                    codes::LIFETIME.as_secs() / 60,
                    &origin.sentence(),
                );
                Ok(Rendered {
                    subject: format!("{code} is your AIUS verification code"),
                    text: fill(&VerificationCodeText {
                        name,
                        code,
                        minutes,
                        origin,
                    })?,
                    html: fill(&VerificationCodeHtml {
                        name,
                        code,
                        minutes,
                        origin,
                    })?,
                })
            }
        }
    }
}

fn fill(template: &impl Template) -> Result<String> {
    template.render().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verification_code(name: &str) -> Rendered {
        let origin = Origin {
            at: Timestamp::from_seconds(1_717_123_456),
            ip: "203.0.113.9".parse().unwrap(),
            user_agent: "curl/8.5.0".to_owned(),
        };
        let name = Name::parse(name).unwrap();
        Message::VerificationCode {
            name,
            code: "ABC234".to_owned(),
            origin,
        }
        .render()
        .unwrap()
    }

    #[test]
    fn verification_code_reads_well() {
        let mail = verification_code("Ada Lovelace");
        insta::assert_snapshot!(format!(
            "{}\n\n{}\n----\n{}",
            mail.subject, mail.text, mail.html
        ));
    }

    #[test]
    fn a_name_is_text_and_never_markup() {
        let mail = verification_code("<a href='https://evil.example'>Click</a>");
        assert!(
            !mail.html.contains("<a href='https://evil"),
            "{}",
            mail.html
        );
    }
}
