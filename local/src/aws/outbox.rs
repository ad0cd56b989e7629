//! What SES has delivered.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use shared::clock::{Clock, Timestamp};

use crate::clock::MovableClock;
use crate::data;
use crate::notice::{Notice, Observer};

/// A mail as it was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Letter {
    pub(crate) to: Vec<String>,
    pub(crate) from: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// A mail in the outbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Mail {
    #[serde(flatten)]
    pub(crate) letter: Letter,
    /// By the stack's clock.
    pub(crate) sent_at: Timestamp,
}

/// All mails, in a file as well where the stack keeps its data.
pub(crate) struct Outbox {
    /// In the order of sending.
    mails: Mutex<Vec<Mail>>,
    file: Option<PathBuf>,
    clock: Arc<MovableClock>,
    observer: Observer,
}

impl Outbox {
    /// An outbox with what the file holds.
    pub(crate) fn open(
        file: Option<PathBuf>,
        clock: Arc<MovableClock>,
        observer: Observer,
    ) -> io::Result<Self> {
        let mails = match &file {
            Some(file) => read(file)?,
            None => Vec::new(),
        };
        Ok(Self { mails: Mutex::new(mails), file, clock, observer })
    }

    /// Takes a mail in.
    pub(super) fn deliver(&self, letter: Letter) {
        let mail = Mail { letter, sent_at: self.clock.now() };
        (self.observer)(Notice::Mail { to: &mail.letter.to, subject: &mail.letter.subject });
        let mut mails = self.mails();
        if let Some(file) = &self.file
            && let Err(error) = append(file, &mail)
        {
            tracing::error!(cause = ?error, "a mail will be gone at the next start");
        }
        mails.push(mail);
    }

    /// All mails, newest first.
    pub(crate) fn all(&self) -> Vec<Mail> {
        self.mails().iter().rev().cloned().collect()
    }

    /// The mails to an address in whatever case, newest first.
    pub(crate) fn to(&self, address: &str) -> Vec<Mail> {
        let is_it = |to: &String| to.to_lowercase() == address.to_lowercase();
        let mut mails = self.all();
        mails.retain(|mail| mail.letter.to.iter().any(is_it));
        mails
    }

    /// Throws all mails away, and says how many there were.
    pub(crate) fn clear(&self) -> io::Result<usize> {
        let mut mails = self.mails();
        if let Some(file) = &self.file {
            data::private().truncate(true).open(file)?;
        }
        Ok(std::mem::take(&mut *mails).len())
    }

    fn mails(&self) -> MutexGuard<'_, Vec<Mail>> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(file: &PathBuf) -> io::Result<Vec<Mail>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    // A process that was killed may leave half a line at the end.
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

fn append(file: &PathBuf, mail: &Mail) -> io::Result<()> {
    let mut line = serde_json::to_vec(mail)?;
    line.push(b'\n');
    data::private().append(true).open(file)?.write_all(&line)
}
