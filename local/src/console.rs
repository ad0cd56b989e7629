//! The one place that writes to the terminal.

use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::path::Path;

use local::{Data, Notice, Stack};

/// A line to standard output.
pub(crate) fn say(line: &str) {
    // Whoever closed the other end of a pipe doesn't want the line.
    let _ = writeln!(stdout(), "{line}");
}

/// A line to standard error.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(stderr(), "error: {line}");
}

/// Where everything is.
pub(crate) fn welcome(stack: &Stack, data: &Data, log: &str, milliseconds: f64) {
    let (url, google) = (stack.url(), &stack.google().issuer);
    let stripe = match stack.stripe() {
        Some(_) => format!("{url}/local/stripe"),
        None => "not played here".to_owned(),
    };
    let data = match data {
        Data::Memory => "in memory, gone at the end".to_owned(),
        Data::Folder(folder) => path(folder),
    };
    say(&format!(
        "AIUS accounts, local stack, started in {milliseconds:.0} ms\n  \
         API    {url}/v1\n  \
         docs   {url}/docs\n  \
         mails  {url}/local\n  \
         Google {google}/.well-known/openid-configuration\n  \
         Stripe {stripe}\n  \
         data   {data}\n  \
         log    {log}\n\
         Ctrl-C stops it."
    ));
}

/// A line for each request and mail. The route and no path: that may hold what somebody typed.
pub(crate) fn tell(notice: Notice<'_>) {
    match notice {
        Notice::Request { method, route, status, milliseconds, usage } => {
            say(&format!("{method} {route} {status} {milliseconds:.1} ms {usage}"))
        }
        Notice::Mail { to, subject } => {
            say(&printable(&format!("mail to {}: {subject}", to.join(", "))));
        }
        Notice::Slack { text } => {
            let first = text.lines().next().unwrap_or_default();
            say(&printable(&format!("to Slack: {first}")));
        }
        Notice::DeadLetter { sequence_number } => {
            say(&format!("given up: record {sequence_number} of the table's stream"));
        }
        Notice::FailedSchedule { schedule, attempt, attempts } => {
            say(&format!("failed: schedule {schedule}, try {attempt} of {attempts}"));
        }
        _ => {}
    }
}

/// An error with everything that led to it.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// A path from the root on.
pub(crate) fn path(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// Without what would make a terminal do something.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_can_not_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[2J\nb"), "a[2Jb");
    }
}
