//! What every message holds: who is greeted, and what request it tells of.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::context::Context;
use crate::mail::device;
use crate::requester::Requester;
use crate::values::{EmailAddress, Name};

/// Who is greeted, and when and from where happened what a message tells of.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct About {
    /// What the account is called.
    name: Name,
    origin: Origin,
}

/// When and from where something was done.
#[derive(Clone, Serialize, Deserialize)]
struct Origin {
    at: Timestamp,
    /// Unless nobody's request did it just then.
    #[serde(flatten)]
    source: Option<Source>,
}

/// The other end of a request.
#[derive(Clone, Serialize, Deserialize)]
struct Source {
    ip: IpAddr,
    device: String,
}

impl About {
    /// The request of this moment.
    pub(super) fn new(ctx: &Context, requester: &Requester, name: &Name) -> Self {
        Self::at(ctx.now(), requester, name)
    }

    pub(super) fn at(at: Timestamp, requester: &Requester, name: &Name) -> Self {
        let device = device::describe(&requester.user_agent);
        let source = Some(Source { ip: requester.ip, device });
        Self { name: name.clone(), origin: Origin { at, source } }
    }

    /// What happened then, wherever it came from.
    pub(super) fn of(at: Timestamp, name: &Name) -> Self {
        Self { name: name.clone(), origin: Origin { at, source: None } }
    }

    /// When it was done.
    pub(super) fn when(&self) -> Timestamp {
        self.origin.at
    }

    /// `21 Nov 2026, 18:52 UTC, from 203.0.113.9 with Firefox on Linux`, as far as that is known.
    pub(super) fn sentence(&self) -> String {
        let Origin { at, source } = &self.origin;
        let at = at.for_people();
        match source {
            Some(Source { ip, device }) => format!("{at}, from {ip} with {device}"),
            None => at,
        }
    }

    /// The name to greet with, if it is one.
    pub(super) fn greeted(&self) -> Option<&str> {
        plain_name(&self.name)
    }
}

/// Characters of a name that is certainly no sentence.
const LONGEST_NAME: usize = 40;

/// Words of a name that is certainly no sentence.
const MOST_WORDS: usize = 4;

/// Digits of a name that is certainly no telephone number.
const MOST_DIGITS: usize = 4;

/// A person's name, if it is one: whoever registers somebody else's address, or invites a stranger,
/// chooses the name in the mail that we send there, and must not get to write a message or a link with it.
pub(super) fn plain_name(name: &Name) -> Option<&str> {
    let plain = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’');
    let name = name.as_str();
    (is_short(name) && name.chars().all(plain)).then_some(name)
}

/// What an organization is called, if it can't be read as anything else: as [`plain_name`], with a few
/// digits, and what stands in names of companies. A dot inside a word would make a link of it.
pub(super) fn plain_title(name: &Name) -> Option<&str> {
    let plain =
        |c: char| c.is_alphabetic() || c.is_ascii_digit() || matches!(c, '-' | '\'' | '’' | '&');
    let is_word = |word: &str| word.trim_end_matches(['.', ',']).chars().all(plain);
    let name = name.as_str();
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let fits = is_short(name) && digits <= MOST_DIGITS;
    (fits && name.split(' ').all(is_word)).then_some(name)
}

fn is_short(name: &str) -> bool {
    name.chars().count() <= LONGEST_NAME && name.split(' ').count() <= MOST_WORDS
}

/// Where a person looks after their account.
pub(super) fn account_link(ctx: &Context) -> String {
    format!("{}/account", ctx.config.base_url)
}

/// `b•••@example.org`: enough for its owner to know it by. What is before the @ is text that somebody
/// chose, perhaps for the one who reads the mail.
pub(super) fn masked(address: &EmailAddress) -> String {
    let (local, domain) = address.as_str().split_once('@').unwrap_or_default();
    let first: String = local.chars().take(1).collect();
    format!("{first}•••@{domain}")
}
