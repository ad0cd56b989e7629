//! Each command of `ops/` in `docs/OPERATIONS.md` is run by a test.

use std::path::Path;

/// How a command begins, and the test that runs all commands of the page that begin so.
const TESTS: [(&str, &str, &str); 4] = [
    ("ops/admin prod ", "tests/operators/runbook.rs", "every_command_of_the_runbook_works"),
    (
        "ops/tool prod ",
        "ops/tools/tests/tools/runbook.rs",
        "every_tool_command_of_the_runbook_works",
    ),
    ("ops/deploy ", "tests/operator-scripts/runbook", "test_every_command_of_the_runbook_runs"),
    (
        "ops/origin-secret ",
        "tests/operator-scripts/runbook",
        "test_every_command_of_the_runbook_runs",
    ),
];

/// Returns the text of a file of the workspace.
fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// Returns the lines of code blocks of the page: those that are indented.
fn commands(page: &str) -> Vec<&str> {
    let code = page.lines().filter(|line| line.starts_with("    "));
    code.map(str::trim).filter(|line| line.starts_with("ops/")).collect()
}

#[test]
fn every_operator_command_has_a_test_that_runs_it() {
    let page = read("docs/OPERATIONS.md");
    let commands = commands(&page);
    assert!(commands.len() > 20, "the commands are found");
    for command in &commands {
        let known = TESTS.iter().any(|(beginning, _, _)| command.starts_with(beginning));
        assert!(known, "no test runs {command}");
    }
    for (beginning, file, test) in TESTS {
        assert!(commands.iter().any(|command| command.starts_with(beginning)), "{beginning}");
        let source = read(file);
        assert!(source.contains(&format!("{test}(")), "{file} has no {test}");
        // It finds the commands on the page itself.
        assert!(source.contains("docs/OPERATIONS.md\")"), "{file} does not read the page");
    }
    assert!(read("tests/run").contains("\npython3 tests/operator-scripts/runbook\n"));
    assert!(read("ops/tools/tests/tools/main.rs").contains("\nmod runbook;\n"));
}
