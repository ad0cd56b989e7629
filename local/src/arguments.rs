//! Parses the command line of `cargo run`.

use std::path::PathBuf;

use local::StackData;

/// The help text of `cargo run -- --help`.
pub(crate) const USAGE: &str = "\
Runs the account service on this machine, with embedded AWS services and simulated Google, Stripe and
Slack.

Usage: cargo run [-- OPTIONS]

  --data <folder>  keep the data in this folder (default: .local)
  --ephemeral      keep no data
  --aws            open a port for the AWS command line and other programs, and print its address
  --logs           print the logs of the functions instead of writing them to <folder>/functions.log
  --help           print this help

Environment:
  PORT                   port to listen on (default: 8080)
  RUST_LOG               log filter of the functions (default: info)
  STRIPE_SECRET_KEY      key of a Stripe account that replaces the simulated Stripe
  STRIPE_WEBHOOK_SECRET  signing secret of that account's webhooks
  STRIPE_PRICES          prices of the plans, such as basic=price_a;pro=price_b";

const DEFAULT_PORT: u16 = 8080;
const DEFAULT_FOLDER: &str = ".local";

/// The action that the command line selects.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Run(Arguments),
}

/// Settings of a run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) data: StackData,
    pub(crate) port: u16,
    /// Whether the AWS services listen on a port.
    pub(crate) aws: bool,
    /// Whether the logs of the functions go to standard error.
    pub(crate) logs: bool,
}

impl Arguments {
    /// Parses the command line and the value of `PORT`.
    ///
    /// # Errors
    /// A message if an option is unknown or incomplete, or the port is not a number.
    pub(crate) fn parse(
        mut arguments: impl Iterator<Item = String>,
        port: Option<&str>,
    ) -> Result<Command, String> {
        let (mut folder, mut ephemeral, mut aws, mut logs) = (None, false, false, false);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--help" | "-h" => return Ok(Command::Help),
                "--ephemeral" => ephemeral = true,
                "--aws" => aws = true,
                "--logs" => logs = true,
                "--data" => match arguments.next() {
                    Some(path) if !path.is_empty() => folder = Some(PathBuf::from(path)),
                    Some(_) | None => return Err("--data needs a folder".to_owned()),
                },
                other => return Err(format!("unknown option {other}")),
            }
        }
        let data = match (folder, ephemeral) {
            (Some(_), true) => return Err("--data and --ephemeral cannot be combined".to_owned()),
            (Some(folder), false) => StackData::Folder(folder),
            (None, true) => StackData::Memory,
            (None, false) => StackData::Folder(PathBuf::from(DEFAULT_FOLDER)),
        };
        let port = match port {
            None => DEFAULT_PORT,
            Some(text) => text.parse().map_err(|_| format!("PORT is not a port number: {text}"))?,
        };
        Ok(Command::Run(Self { data, port, aws, logs }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str], port: Option<&str>) -> Result<Command, String> {
        Arguments::parse(arguments.iter().map(|argument| (*argument).to_owned()), port)
    }

    #[test]
    fn without_options_data_is_kept() {
        let data = StackData::Folder(".local".into());
        let expected = Arguments { data, port: 8080, aws: false, logs: false };
        assert_eq!(parse(&[], None), Ok(Command::Run(expected)));
    }

    #[test]
    fn options_and_port_are_read() {
        let expected = Arguments { data: StackData::Memory, port: 9000, aws: true, logs: true };
        let given = parse(&["--ephemeral", "--aws", "--logs"], Some("9000"));
        assert_eq!(given, Ok(Command::Run(expected)));
        assert_eq!(parse(&["--help"], None), Ok(Command::Help));
    }

    #[test]
    fn invalid_arguments_are_refused() {
        assert!(parse(&["--ephemral"], None).is_err());
        assert!(parse(&["--data"], None).is_err());
        assert!(parse(&["--data", "x", "--ephemeral"], None).is_err());
        assert!(parse(&[], Some("80800")).is_err());
    }
}
