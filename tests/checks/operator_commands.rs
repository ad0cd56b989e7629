//! Each command of `ops/` in `docs/OPERATIONS.md` and `docs/DEPLOY.md` is run by a test.

use std::path::Path;

/// How a command begins, and the test that runs all commands of the page that begin so.
type CommandTest = (&'static str, &'static str, &'static str);

const OPERATIONS: [CommandTest; 5] = [
    ("ops/admin prod ", "tests/operators/runbook.rs", "every_command_of_the_runbook_works"),
    (
        "ops/tool prod ",
        "ops/tools/tests/tools/runbook.rs",
        "every_tool_command_of_the_runbook_works",
    ),
    ("ops/deploy ", SCRIPTS, "test_every_command_of_the_runbook_runs"),
    ("ops/origin-secret ", SCRIPTS, "test_every_command_of_the_runbook_runs"),
    ("ops/undelete ", SCRIPTS, "test_every_command_of_the_runbook_runs"),
];

const DEPLOY: [CommandTest; 2] = [
    ("ops/deploy ", SCRIPTS, "test_every_command_of_the_deployment_runs"),
    ("ops/preflight ", SCRIPTS, "test_every_command_of_the_deployment_runs"),
];

/// The tests of all commands that need no local stack.
const SCRIPTS: &str = "tests/operator-scripts/runbook";

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
    for (path, least, tests) in
        [("docs/OPERATIONS.md", 20, &OPERATIONS[..]), ("docs/DEPLOY.md", 2, &DEPLOY)]
    {
        let page = read(path);
        let commands = commands(&page);
        assert!(commands.len() > least, "the commands are found");
        for command in &commands {
            let known = tests.iter().any(|(beginning, _, _)| command.starts_with(beginning));
            assert!(known, "no test runs {command}");
        }
        for (beginning, file, test) in tests {
            assert!(commands.iter().any(|command| command.starts_with(beginning)), "{beginning}");
            let source = read(file);
            assert!(source.contains(&format!("{test}(")), "{file} has no {test}");
            // It finds the commands on the page itself.
            assert!(source.contains(&format!("{path}\")")), "{file} does not read the page");
        }
    }
    assert!(read("tests/run").contains(&format!("\n\"$BOTOCORE_PYTHON\" {SCRIPTS}\n")));
    assert!(read("ops/tools/tests/tools/main.rs").contains("\nmod runbook;\n"));
}
