//! What the benchmark prints.

use std::io::Write;

/// Writes a line to standard output.
pub(crate) fn say(line: &str) {
    // Writing fails only if the reader closed the pipe.
    let _ = writeln!(std::io::stdout(), "{line}");
}
