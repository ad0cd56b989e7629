//! The README's walk-through works as written.

use std::path::Path;
use std::process::Stdio;

use tests::World;

/// The commands of the README's block that is marked as the walk-through.
fn script() -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let block = readme.split("```bash walkthrough\n").nth(1).expect("a walk-through in the README");
    block.split("```").next().unwrap().to_owned()
}

#[tokio::test]
async fn the_readmes_walk_through_works_as_written() {
    let world = World::start().await;
    let port = world.url().rsplit(':').next().unwrap();
    let script = script();
    assert!(script.contains("localhost:8080"), "the walk-through names the address");
    let folder = std::env::temp_dir().join(format!("walkthrough-{port}"));
    std::fs::create_dir_all(&folder).unwrap();
    let run = tokio::process::Command::new("bash")
        .args(["-eu", "-o", "pipefail", "-c"])
        .arg(script.replace("localhost:8080", &format!("127.0.0.1:{port}")))
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let (said, trouble) =
        (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{said}\n{trouble}");
    // What it shows on the way, in this order.
    let mut rest = said.as_ref();
    for shown in [
        r#""verification_required":true"#,
        r#""email_verified":true"#,
        r#""session_token":"eyJ"#,
        r#"{"user":{"id":"usr_"#,
        r#""is_default":true"#,
        r#"{"logged_out":true}"#,
        r#"{"detail":"invalid session"}"#,
    ] {
        let at = rest.find(shown).unwrap_or_else(|| panic!("{shown} is not in\n{said}\n{trouble}"));
        rest = &rest[at + shown.len()..];
    }
}
