//! Prints the tools' reports to standard output, and their errors to standard error.

/// Prints a line to standard output.
#[allow(clippy::print_stdout)]
pub(crate) fn print_line(text: &str) {
    println!("{text}");
}

/// Prints a line to standard error.
#[allow(clippy::print_stderr)]
pub(crate) fn print_error(text: &str) {
    eprintln!("{text}");
}
