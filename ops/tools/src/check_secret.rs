//! `ops-tools check-secret`: validates a new version of a secret before it is put in force.

use std::path::Path;

use shared::secrets::{SecretName, check_secret};

use crate::console::print_line;
use crate::error::ToolError;
use crate::flags::Flags;

/// Compares the file with a new version of a secret to the file with the version in force. Returns whether the new
/// version may be put in force. Needs no environment.
///
/// # Errors
/// `Usage` if the command line is wrong, `File` if a file cannot be read, `Service` if a version is invalid.
pub(crate) fn check(arguments: Vec<String>) -> Result<bool, ToolError> {
    let flags = Flags::parse(arguments, &[], &["--secret", "--present"])?;
    let new = read(flags.require_one_positional("file with the new version")?)?;
    let names = SecretName::ALL.map(|(name, _)| name).join(", ");
    let name = flags.text("--secret").and_then(SecretName::parse);
    let name = name.ok_or_else(|| ToolError::Usage(format!("--secret is one of {names}")))?;
    let missing =
        || ToolError::Usage("--present names the file with the version in force".to_owned());
    let present = read(flags.text("--present").ok_or_else(missing)?)?;
    let changes = check_secret(name, &new, &present)?;
    for change in &changes {
        let mark = if change.is_problem { "PROBLEM" } else { "ok" };
        print_line(&format!("{mark:<8} {}", change.text));
    }
    let is_right = !changes.iter().any(|change| change.is_problem);
    print_line(match (is_right, changes.is_empty()) {
        (true, true) => "valid; it changes no key",
        (true, false) => "valid",
        (false, _) => "do not put it in force",
    });
    Ok(is_right)
}

fn read(path: &str) -> Result<String, ToolError> {
    let path = Path::new(path);
    std::fs::read_to_string(path).map_err(|error| ToolError::file(path, error))
}
