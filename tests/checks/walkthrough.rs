//! The walk-through of the documentation and the commands of the README run as written, and print what is documented.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tests::device_sign_in::{APPROVE_FORM, DEVICE_PAGE};
use tests::{PageVisitor, TestApp};
use tokio::io::{AsyncBufReadExt, BufReader};

/// Extracts the commands from `docs/WALKTHROUGH.md`.
fn read_script() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/WALKTHROUGH.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks = page.split("```bash walkthrough\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

/// Reports whether a line matches a documented line, in which `…` stands for any text.
fn matches_documented(line: &str, shown: &str) -> bool {
    let Some((first, rest)) = shown.split_once('…') else { return line == shown };
    let (middle, last) = rest.rsplit_once('…').unwrap_or(("", rest));
    let ends = line.strip_prefix(first).and_then(|line| line.strip_suffix(last));
    let Some(mut between) = ends else { return false };
    for part in middle.split('…') {
        let Some(at) = between.find(part) else { return false };
        between = &between[at + part.len()..];
    }
    true
}

/// The commands of the README sign in a command line, while a person answers in a browser.
#[tokio::test]
async fn the_readme_signs_in_a_command_line() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let page = std::fs::read_to_string(page).unwrap();
    let script = page.split("```bash device\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(script.contains("localhost:8080") && script.contains("sleep 5"), "{script}");
    let port = app.url().rsplit(':').next().unwrap();
    let script = script.replace("localhost:8080", &format!("localhost:{port}"));
    let mut shell = tokio::process::Command::new("bash")
        .args(["-eu", "-o", "pipefail", "-c", &script.replace("sleep 5", "sleep 0.2")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines();
    let shown = lines.next_line().await.unwrap().unwrap();
    let (link, code) = shown.split_once(" and compare the code: ").unwrap();
    let path = link.split_once(&format!("localhost:{port}")).unwrap().1;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(path).await.expect(200);
    assert_eq!(page.value(DEVICE_PAGE, "user_code"), code);
    let page = browser.submit(&page, DEVICE_PAGE, &[]).await.expect(200);
    browser.submit(&page, APPROVE_FORM, &[]).await.expect(200);
    let whoami = lines.next_line().await.unwrap().unwrap();
    let whoami: Value = serde_json::from_str(&whoami).unwrap();
    assert_eq!(whoami["token_name"], "my-cli on laptop");
    assert_eq!(whoami["scopes"], json!(["projects:read", "runs:write"]));
    assert!(shell.wait().await.unwrap().success());
}

#[tokio::test]
async fn the_walkthrough_runs_as_written() {
    let app = TestApp::start().await;
    let port = app.url().rsplit(':').next().unwrap();
    let script = read_script();
    assert!(script.contains("localhost:8080"), "the walk-through names the address");
    let script = script.replace("localhost:8080", &format!("localhost:{port}"));
    let folder = std::env::temp_dir().join(format!("walkthrough-{port}"));
    std::fs::create_dir_all(&folder).unwrap();
    let run = tokio::process::Command::new("bash")
        .args(["-eu", "-o", "pipefail", "-c", &script])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let (stdout, stderr) =
        (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{stdout}\n{stderr}");
    let shown: Vec<_> = script.lines().filter_map(|line| line.strip_prefix("#> ")).collect();
    let lines: Vec<_> = stdout.lines().collect();
    assert!(lines.len() > 10, "{stdout}");
    assert_eq!(lines.len(), shown.len(), "{stdout}");
    for (line, shown) in lines.into_iter().zip(shown) {
        assert!(matches_documented(line, shown), "the page shows: {shown}\nprinted: {line}");
    }
}
