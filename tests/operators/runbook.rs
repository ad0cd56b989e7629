//! The commands of `docs/OPERATIONS.md` for operators, run with `ops/admin` on a local stack.

use std::process::Command;

use tests::{Authenticator, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_runbook_works() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (id, client) = (ada.id().await.to_string(), ada.default_client().await);
    let engines = ada.create_client("Engines").await;
    Authenticator::enabled(&app, &ada.visitor).await;
    let page = include_str!("../../docs/OPERATIONS.md");
    let commands = page.lines().filter_map(|line| line.trim().strip_prefix("ops/admin prod "));
    let mut count = 0;
    for command in commands {
        // The default organization cannot be erased.
        let is_erasure = command.contains("erase_organization_now");
        let client = if is_erasure { &engines } else { &client };
        let arguments = command.replace("usr_…", &id).replace("client_…", client);
        let line = format!("python3 ops/admin --local {} {arguments}", app.url());
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]).env("OPERATOR", "grace@operator.example");
        shell.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let done = tokio::task::spawn_blocking(move || shell.output()).await.unwrap().unwrap();
        let output = String::from_utf8_lossy(&done.stdout).into_owned();
        let errors = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{line}\n{output}{errors}");
        let action = output.split(':').next().unwrap();
        assert!(arguments.contains(&format!(" {action} ")), "{line}\n{output}");
        count += 1;
    }
    assert_eq!(count, 17);
    assert!(app.items(&format!("USER#{id}"), "").await.is_empty(), "the account was erased");
}
