//! Tests of `POST /v1/artifacts` with files that are part of the request.

use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::{Value, json};
use shared::blobs::Sha256;
use tests::json::as_text;
use tests::{Person, TestApp, file, keys};

/// The fields of an artifact in alphabetical order.
const KEYS: [&str; 10] = [
    "content_type",
    "created_at",
    "id",
    "kind",
    "org_id",
    "path",
    "project_id",
    "sha256",
    "size",
    "version",
];

/// Lists the versions of an artifact.
async fn list_versions(person: &Person, id: &Value) -> Vec<Value> {
    person.visitor.all(&format!("/v1/artifacts/{}/versions?limit=2", as_text(id))).await
}

#[tokio::test]
async fn a_file_is_stored_and_downloaded_as_an_attachment() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let project = ada.create_project(&client, "Churn").await;
    for project in [None, Some(project.as_str())] {
        let mut body = file(&client, project, "reports/q3 \"ü\".html", b"<script>1</script>");
        body["content_type"] = "text/html".into();
        body["kind"] = "report".into();
        let kept = ada.post("/v1/artifacts", body).await.expect(200).json();
        assert_eq!(keys(&kept), KEYS);
        assert_eq!(kept["org_id"], client);
        assert_eq!(kept["project_id"], json!(project));
        assert_eq!((kept["version"].as_u64(), kept["size"].as_u64()), (Some(1), Some(18)));
        assert_eq!(kept["kind"], "report");
        assert_eq!(kept["sha256"], Sha256::of(b"<script>1</script>").to_string());
        let path = format!("/v1/artifacts/{}", as_text(&kept["id"]));
        let reply = ada.get(&path).await.expect(200);
        assert_eq!(reply.calls_and_trips(), (1, 1));
        let read = reply.json();
        for key in KEYS {
            assert_eq!(read[key], kept[key], "{key}");
        }
        let expires = read["download_expires_at"].as_i64().unwrap() - app.now().await;
        assert!((295..=300).contains(&expires), "{expires}");
        let (headers, content) = ada.visitor.download(as_text(&kept["id"])).await;
        assert_eq!(content, b"<script>1</script>");
        assert_eq!(headers[CONTENT_TYPE], "text/html");
        let disposition = headers[CONTENT_DISPOSITION].to_str().unwrap();
        assert!(disposition.starts_with("attachment;"), "{disposition}");
        assert!(disposition.ends_with("filename*=UTF-8''q3%20%22%C3%BC%22.html"), "{disposition}");
    }
    app.assert_files_consistent().await;
}

#[tokio::test]
async fn each_upload_of_a_path_creates_a_version() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let project = ada.create_project(&client, "Churn").await;
    for scope in [None, Some(project.as_str())] {
        let mut ids = Vec::new();
        for (number, content) in [(1, "a"), (2, "b"), (3, "a")] {
            let kept = ada.visitor.upload(&client, scope, "x.csv", content.as_bytes()).await;
            assert_eq!(kept["version"], number);
            ids.push(kept["id"].clone());
        }
        for id in &ids {
            let numbers: Vec<_> =
                list_versions(&ada, id).await.iter().map(|v| v["version"].clone()).collect();
            assert_eq!(numbers, [3, 2, 1]);
        }
        let organization_list = format!("/v1/artifacts?org_id={client}&limit=1");
        let listed = ada.visitor.all(&organization_list).await;
        assert!(listed.iter().any(|file| file["id"] == ids[2]));
        assert!(!listed.iter().any(|file| ids[..2].contains(&file["id"])));
        assert_eq!(ada.visitor.download(as_text(&ids[0])).await.1, b"a");
        assert_eq!(ada.visitor.download(as_text(&ids[1])).await.1, b"b");
        // The versions are deleted in this order: not the latest, the latest, the last remaining.
        for (deleted, latest) in [(1, Some(2)), (2, Some(0)), (0, None)] {
            ada.visitor.delete_file(as_text(&ids[deleted])).await.expect(200);
            app.assert_files_consistent().await;
            ada.visitor.delete_file(as_text(&ids[deleted])).await.expect_error(404, "NOT_FOUND");
            let path = format!("/v1/artifacts/{}", as_text(&ids[deleted]));
            ada.get(&path).await.expect_error(404, "NOT_FOUND");
            ada.get(&format!("{path}/versions")).await.expect_error(404, "NOT_FOUND");
            let listed = ada.visitor.all(&organization_list).await;
            let of_path: Vec<_> =
                listed.iter().filter(|file| ids.contains(&file["id"])).map(|f| &f["id"]).collect();
            assert_eq!(
                of_path,
                latest.map(|latest: usize| &ids[latest]).into_iter().collect::<Vec<_>>()
            );
        }
        // A version number is never reused.
        assert_eq!(ada.visitor.upload(&client, scope, "x.csv", b"c").await["version"], 4);
    }
    app.wait_for_worker().await;
    app.assert_files_consistent().await;
}

#[tokio::test]
async fn equal_content_is_stored_once_until_unreferenced() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let project = ada.create_project(&client, "Churn").await;
    let first = ada.visitor.upload(&client, None, "a", b"same").await;
    let reply = ada.post("/v1/artifacts", file(&client, Some(&project), "b", b"same")).await;
    // The content is already stored, so it is not stored again.
    assert_eq!(reply.calls_and_trips(), (2, 2));
    let second = reply.expect(200).json();
    let blobs = app.items(&format!("CONTENT#{client}"), "").await;
    assert_eq!(blobs.len(), 1);
    let url = |id: &Value| {
        let path = format!("/v1/artifacts/{}", as_text(id));
        let ada = &ada;
        async move { as_text(&ada.get(&path).await.expect(200).json()["download_url"]).to_owned() }
    };
    let (first_url, second_url) = (url(&first["id"]).await, url(&second["id"]).await);
    ada.visitor.delete_file(as_text(&first["id"])).await.expect(200);
    app.wait_for_worker().await;
    for url in [&first_url, &second_url] {
        assert_eq!(reqwest::get(url).await.unwrap().status(), 200);
    }
    ada.visitor.delete_file(as_text(&second["id"])).await.expect(200);
    app.wait_for_worker().await;
    assert_eq!(reqwest::get(&second_url).await.unwrap().status(), 404);
    assert_eq!(app.items(&format!("CONTENT#{client}"), "").await, Vec::<Value>::new());
    assert_eq!(app.items("WORK", "").await, Vec::<Value>::new());
    // The same content can be uploaded again after its deletion.
    let again = ada.visitor.upload(&client, None, "a", b"same").await;
    assert_eq!(ada.visitor.download(as_text(&again["id"])).await.1, b"same");
    // Another organization stores its own copy.
    let other = ada.create_client("Other").await;
    ada.visitor.upload(&other, None, "a", b"same").await;
    assert_eq!(app.items("CONTENT#", "").await.len(), 2);
    app.assert_files_consistent().await;
}

#[tokio::test]
async fn an_inline_upload_may_fill_the_largest_request() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let content: Vec<u8> = (0..4_u32 * 1024 * 1024).map(|index| (index % 251) as u8).collect();
    let kept = ada.visitor.upload(&client, None, "4 MiB", &content).await;
    assert_eq!(kept["size"], 4_194_304);
    assert!(ada.visitor.download(as_text(&kept["id"])).await.1 == content);
    // The body has the largest size, and then one byte more.
    let body = |length: usize| {
        let mut body = file(&client, None, "long", b"x").to_string().into_bytes();
        body.resize(length, b' ');
        body
    };
    let send = async |length| {
        let body = Some(("application/json", body(length)));
        ada.visitor.send(reqwest::Method::POST, "/v1/artifacts", body).await
    };
    send(6_000_000).await.expect(200);
    let refused = send(6_000_001).await.expect_error(413, "BODY_TOO_LARGE");
    let message = refused.json()["detail"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("6000000") || message.contains("6,000,000"), "{message}");
    // The size is checked before anything else.
    let visitor = app.visitor();
    let long = Some(("application/json", body(6_000_001)));
    let refused = visitor.send(reqwest::Method::POST, "/v1/artifacts", long).await;
    refused.expect_error(401, "missing bearer token");
}

#[tokio::test]
async fn a_repeated_upload_creates_one_version() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let visitor = ada.visitor.clone().with_header("idempotency-key", "k1");
    let first = visitor.post("/v1/artifacts", file(&client, None, "a", b"x")).await.expect(200);
    let second = visitor.post("/v1/artifacts", file(&client, None, "a", b"x")).await.expect(200);
    assert_eq!(first.json(), second.json());
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    let other = visitor.post("/v1/artifacts", file(&client, None, "a", b"y")).await;
    other.expect_error(409, "IDEMPOTENCY_CONFLICT");
    assert_eq!(list_versions(&ada, &first.json()["id"]).await.len(), 1);
}
