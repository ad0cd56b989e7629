//! The walk-through of the documentation runs as written and prints the documented output.

use std::path::Path;
use std::process::Stdio;

use tests::TestApp;

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
