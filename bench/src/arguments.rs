//! Parses the command line.

use std::path::PathBuf;

use crate::function::Function;
use crate::stack_process::OPTION;

/// The text that `--help` prints.
pub(crate) const USAGE: &str = "\
Measures the Lambda functions beside a bare one and writes bench/RESULTS.md.

Usage: cargo run --profile stack -p bench [-- OPTIONS]

  --only <names>     measure only these functions, with commas between them
  --rounds <number>  starts of each function (default: 15, minimum: 3)
  --no-build         measure the binaries that were built before
  --quick            build without link-time optimization, which takes a tenth of the time
  --print            print the results instead of writing bench/RESULTS.md and its charts
  --stack            only start the local stack of the load, as the benchmark does itself
  --help             print this help";

const DEFAULT_ROUNDS: usize = 15;
const MIN_ROUNDS: usize = 3;

/// The action that the command line selects.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    /// Run the local stack of the load.
    Stack,
    Run(Arguments),
}

/// The settings of a run, from the command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// The functions that are measured besides the bare one.
    pub(crate) functions: Vec<Function>,
    /// The number of starts of each function.
    pub(crate) rounds: usize,
    /// Whether the functions are built first.
    pub(crate) build: bool,
    /// Whether the functions are built without link-time optimization.
    pub(crate) quick: bool,
    /// The folder of the results; `None` prints them.
    pub(crate) folder: Option<PathBuf>,
}

impl Arguments {
    /// Parses the command line.
    ///
    /// # Errors
    /// Fails with a message if an option is unknown or incomplete.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
        let mut parsed = Self {
            functions: Function::all().map_err(|error| error.to_string())?,
            rounds: DEFAULT_ROUNDS,
            build: true,
            quick: false,
            folder: Some(PathBuf::from(env!("CARGO_MANIFEST_DIR"))),
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--help" | "-h" => return Ok(Command::Help),
                "--only" => {
                    let names = value("--only", arguments.next())?;
                    parsed.functions = functions(&parsed.functions, &names)?;
                }
                "--rounds" => parsed.rounds = rounds(&value("--rounds", arguments.next())?)?,
                "--no-build" => parsed.build = false,
                "--quick" => parsed.quick = true,
                "--print" => parsed.folder = None,
                OPTION => return Ok(Command::Stack),
                other => return Err(format!("unknown option {other}")),
            }
        }
        Ok(Command::Run(parsed))
    }
}

fn value(option: &str, given: Option<String>) -> Result<String, String> {
    given.ok_or_else(|| format!("{option} needs a value"))
}

fn functions(all: &[Function], names: &str) -> Result<Vec<Function>, String> {
    let find = |name: &str| {
        let function = all.iter().find(|function| function.name() == name);
        function.copied().ok_or_else(|| format!("no function {name}"))
    };
    names.split(',').map(find).collect()
}

fn rounds(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(rounds) if rounds >= MIN_ROUNDS => Ok(rounds),
        Ok(_) | Err(_) => Err(format!("--rounds must be a number of at least {MIN_ROUNDS}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Command, String> {
        Arguments::parse(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn options_are_read() {
        let Ok(Command::Run(arguments)) = parse(&["--only", "auth,worker", "--rounds", "20"])
        else {
            panic!("refused");
        };
        let names: Vec<_> = arguments.functions.iter().map(|function| function.name()).collect();
        assert_eq!(names, ["auth", "worker"]);
        assert_eq!((arguments.rounds, arguments.build), (20, true));
        assert_eq!(parse(&["--help"]), Ok(Command::Help));
    }

    #[test]
    fn wrong_options_are_refused() {
        for wrong in
            [vec!["--fast"], vec!["--only", "other"], vec!["--rounds", "2"], vec!["--only"]]
        {
            assert!(parse(&wrong).is_err(), "{wrong:?}");
        }
    }
}
