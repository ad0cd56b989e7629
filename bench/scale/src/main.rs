//! Writes `bench/SCALE.md` and its summary in `docs/COSTS.md`, or prints the report.

use std::io::Write;
use std::process::ExitCode;

use bench_scale::{Inputs, Model, Result, report, update_files, workspace_root};

const USAGE: &str = "cargo run -p bench-scale [-- --print]";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let is_print = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--print"] => true,
        _ => {
            say(USAGE);
            return ExitCode::FAILURE;
        }
    };
    match run(is_print) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(is_print: bool) -> Result<()> {
    let root = workspace_root();
    let inputs = Inputs::read(&root)?;
    let model = Model::compute(&inputs)?;
    if is_print {
        say(&report(&model)?);
        Ok(())
    } else {
        update_files(&root, &model)
    }
}

/// Prints a text. Ignores a closed standard output.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
