//! The walk-through works as written, and prints what it says.

use std::path::Path;
use std::process::Stdio;

use tests::TestApp;

/// The commands of the blocks of `docs/WALKTHROUGH.md`.
fn script() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/WALKTHROUGH.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks = page.split("```bash walkthrough\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

/// Whether a line matches the one on the page, where `…` stands for any text.
fn is_shown(line: &str, shown: &str) -> bool {
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
async fn the_walk_through_works_as_written() {
    let app = TestApp::start().await;
    let port = app.url().rsplit(':').next().unwrap();
    let script = script();
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
    let (said, trouble) =
        (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{said}\n{trouble}");
    let shown: Vec<_> = script.lines().filter_map(|line| line.strip_prefix("#> ")).collect();
    let lines: Vec<_> = said.lines().collect();
    assert!(lines.len() > 10, "{said}");
    assert_eq!(lines.len(), shown.len(), "{said}");
    for (line, shown) in lines.into_iter().zip(shown) {
        assert!(is_shown(line, shown), "the page shows: {shown}\nprinted: {line}");
    }
}
