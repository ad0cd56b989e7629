//! Writes to the terminal. No other module does.

use std::io::{Write, stderr, stdout};
use std::path::Path;

use local::{Stack, StackData, StackEvent};

/// Writes a line to standard output.
pub(crate) fn print_line(line: &str) {
    // Writing fails only if the reader closed the pipe.
    let _ = writeln!(stdout(), "{line}");
}

/// Writes an error to standard error.
pub(crate) fn print_error(line: &str) {
    let _ = writeln!(stderr(), "error: {line}");
}

/// Prints the addresses of the stack.
pub(crate) fn print_welcome(stack: &Stack, data: &StackData, log: &str, milliseconds: f64) {
    let (url, google) = (stack.url(), &stack.google().issuer);
    let stripe = match stack.stripe() {
        Some(_) => format!("{url}/local/stripe"),
        None => "not simulated".to_owned(),
    };
    let data = match data {
        StackData::Memory => "in memory, lost at the end".to_owned(),
        StackData::Folder(folder) => absolute_path(folder),
    };
    let aws = match stack.aws_url() {
        Some(aws) => format!("{aws} (table {})", stack.context().config.table_name),
        None => "no port (--aws opens one)".to_owned(),
    };
    print_line(&format!(
        "AIUS accounts, local stack, started in {milliseconds:.0} ms\n  \
         open   {url}/\n  \
         API    {url}/v1\n  \
         docs   {url}/docs\n  \
         mail   {url}/local\n  \
         Google {google}/.well-known/openid-configuration\n  \
         Stripe {stripe}\n  \
         AWS    {aws}\n  \
         data   {data}\n  \
         log    {log}\n\
         Press Ctrl-C to stop."
    ));
}

/// Prints a line for an event. It shows the route instead of the path, which may contain user input.
pub(crate) fn print_event(event: StackEvent<'_>) {
    match event {
        StackEvent::Request { method, route, status, milliseconds, usage } => {
            print_line(&format!("{method} {route} {status} {milliseconds:.1} ms {usage}"))
        }
        StackEvent::Mail { to, subject } => {
            print_line(&printable(&format!("mail to {}: {subject}", to.join(", "))));
        }
        StackEvent::Slack { text } => {
            let first = text.lines().next().unwrap_or_default();
            print_line(&printable(&format!("to Slack: {first}")));
        }
        StackEvent::DeadLetter { sequence_number } => {
            print_line(&format!("dead letter: record {sequence_number} of the table's stream"));
        }
        StackEvent::FailedSchedule { schedule, attempt, attempts } => {
            print_line(&format!("schedule {schedule} failed, attempt {attempt} of {attempts}"));
        }
        // What a batch delivers has a line of its own.
        StackEvent::StreamBatch { .. } | _ => {}
    }
}

/// Returns an absolute path.
pub(crate) fn absolute_path(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// Removes control characters, which could steer the terminal.
fn printable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_removed() {
        assert_eq!(printable("a\u{1b}[2J\nb"), "a[2Jb");
    }
}
