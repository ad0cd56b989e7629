//! Empty lists: one sentence, one button, and a line of curl that works.

use tests::{PageVisitor, TestApp};
use tokio::process::Command;

/// Runs a page's command in a shell that has both credentials, and returns what it prints. A command that keeps the id
/// of a run in a variable prints nothing, so the variable is printed behind it.
async fn run(command: &str, token: &str, key: &str) -> String {
    let command = command.replace("//localhost", "//127.0.0.1");
    let script = format!("{command}; printf %s \"$RUN\"");
    let mut shell = Command::new("sh");
    let shell = shell.args(["-c", &script]).env("AIUS_TOKEN", token).env("AIUS_API_KEY", key);
    let shell = shell.env("no_proxy", "*").env("CURL_HOME", "/nonexistent");
    let output = shell.output().await.unwrap();
    assert!(output.status.success(), "{command}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn the_commands_of_empty_lists_work() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Globex").await;
    let project = ada.create_project(&ada.default_client().await, "Churn analysis").await;
    let organization = format!("/account/organizations/{client}");
    let other = format!("/account/organizations/{}", ada.default_client().await);
    let pages = [
        ("/account/tokens".to_owned(), "\"kind\":\"personal\""),
        ("/account/api-keys".to_owned(), "\"kind\":\"organization\""),
        (format!("{organization}/api-keys"), "\"kind\":\"organization\""),
        (format!("{organization}/projects"), "\"id\":\"proj_"),
        (format!("{organization}/artifacts"), "\"id\":\"art_"),
        (format!("{organization}/billing/transactions"), "\"data\":["),
        (format!("{other}/projects/{project}/runs"), "run_"),
    ];
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let mut commands = Vec::new();
    for (path, expected) in pages {
        let page = browser.open(&path).await.expect(200);
        assert_eq!(page.texts(".empty a.button").len(), 1, "{path}: {}", page.text());
        commands.push((page.texts("#empty-command").remove(0), expected));
    }
    let token = ada.token("laptop").await;
    let (_, key) = ada.key(&client, "ci").await;
    let (_, other_key) = ada.key(&ada.default_client().await, "ci").await;
    for (command, expected) in commands {
        let key = if expected == "run_" { &other_key } else { &key };
        let printed = run(&command, &token, key).await;
        assert!(printed.contains(expected), "{command}: {printed}");
    }
}
