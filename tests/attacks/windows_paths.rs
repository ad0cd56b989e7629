//! An artifact's path cannot leave the folder into which it is downloaded, on Windows either.

use serde_json::json;
use tests::{TestApp, file};

#[tokio::test]
async fn windows_paths_are_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let sha256 = "0".repeat(64);
    for path in [
        "C:/x",
        "C:x",
        "a:b",
        "a/b:c",
        "con",
        "a/NUL",
        "aux/a",
        "prn.txt",
        "COM1.log",
        "lpt9 .txt",
        "a.",
        "a ",
        "a./b",
        "a /b",
    ] {
        let refused = ada.post("/v1/artifacts", file(&client, None, path, b"x")).await;
        let message =
            refused.expect_error(400, "INVALID_FIELD").json()["detail"]["message"].to_string();
        assert!(message.contains("path"), "{path}: {message}");
        let large = json!({"org_id": client, "path": path, "size": 1, "sha256": sha256});
        ada.post("/v1/artifacts", large).await.expect_error(400, "INVALID_FIELD");
    }
    assert!(app.items("", "VERSION#").await.is_empty());
    ada.visitor.upload(&client, None, "console/com10.txt", b"x").await;
}
