//! Parses the arguments of a command line.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use crate::error::ToolError;

/// The options and the other arguments of a tool.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    positional: Vec<String>,
    switches: HashSet<String>,
    values: HashMap<String, Vec<String>>,
}

impl Flags {
    /// Reads the arguments. `switches` are the known options without a value, `values` those with one.
    ///
    /// # Errors
    /// `Usage` if an option is unknown or its value is missing.
    pub(crate) fn parse(
        arguments: Vec<String>,
        switches: &[&str],
        values: &[&str],
    ) -> Result<Self, ToolError> {
        let mut flags = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            if switches.contains(&argument.as_str()) {
                flags.switches.insert(argument);
            } else if values.contains(&argument.as_str()) {
                let missing = || ToolError::Usage(format!("{argument} needs a value"));
                let value = arguments.next().ok_or_else(missing)?;
                flags.values.entry(argument).or_default().push(value);
            } else if argument.starts_with("--") {
                return Err(ToolError::Usage(format!("there is no option {argument}")));
            } else {
                flags.positional.push(argument);
            }
        }
        Ok(flags)
    }

    /// Returns whether a switch is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.switches.contains(name)
    }

    /// Returns the text of an option; the last one if it is repeated.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.texts(name).last().map(String::as_str)
    }

    /// Returns all texts of an option that can be repeated.
    pub(crate) fn texts(&self, name: &str) -> &[String] {
        self.values.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the value of an option.
    ///
    /// # Errors
    /// `Usage` if the text is not a value of the type.
    pub(crate) fn value<V: FromStr>(&self, name: &str) -> Result<Option<V>, ToolError> {
        let parse = |text: &str| {
            text.parse().map_err(|_| ToolError::Usage(format!("{name} cannot be {text:?}")))
        };
        self.text(name).map(parse).transpose()
    }

    /// Requires that all arguments are options.
    ///
    /// # Errors
    /// `Usage` if an argument is not an option.
    pub(crate) fn require_no_positional(&self) -> Result<(), ToolError> {
        match self.positional.first() {
            None => Ok(()),
            Some(other) => Err(ToolError::Usage(format!("{other:?} is no option"))),
        }
    }

    /// Returns the only argument that is not an option. `what` names it in the error.
    ///
    /// # Errors
    /// `Usage` if there is none or more than one.
    pub(crate) fn require_one_positional(&self, what: &str) -> Result<&str, ToolError> {
        match self.positional.as_slice() {
            [only] => Ok(only),
            _ => Err(ToolError::Usage(format!("name one {what}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Flags, ToolError> {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Flags::parse(arguments, &["--apply"], &["--concurrency"])
    }

    #[test]
    fn options_come_in_any_order() {
        for arguments in
            [["f", "--apply", "--concurrency", "4"], ["--concurrency", "4", "--apply", "f"]]
        {
            let flags = parse(&arguments).unwrap();
            assert_eq!(flags.require_one_positional("file").unwrap(), "f");
            assert!(flags.has("--apply"));
            assert_eq!(flags.value::<usize>("--concurrency").unwrap(), Some(4));
        }
    }

    #[test]
    fn an_option_can_be_repeated() {
        let flags = parse(&["--concurrency", "4", "--concurrency", "8"]).unwrap();
        assert_eq!(flags.texts("--concurrency"), ["4", "8"]);
        assert_eq!(flags.text("--concurrency"), Some("8"));
        assert!(flags.texts("--apply").is_empty());
    }

    #[test]
    fn wrong_command_lines_are_refused() {
        assert!(parse(&["--aply"]).is_err());
        assert!(parse(&["--concurrency"]).is_err());
        assert!(
            parse(&["--concurrency", "many"]).unwrap().value::<usize>("--concurrency").is_err()
        );
        assert!(parse(&["a", "b"]).unwrap().require_one_positional("file").is_err());
        assert!(parse(&[]).unwrap().require_one_positional("file").is_err());
    }
}
