//! Tests of `/v1/artifacts` with files that are part of the request.

use data_encoding::HEXLOWER;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::{Value, json};
use shared::blobs::Sha256;
use shared::organizations::Role;
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

/// Returns the text of a JSON string.
fn as_text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Lists the paths of artifacts.
fn list_paths(list: &[Value]) -> Vec<&str> {
    list.iter().map(|file| as_text(&file["path"])).collect()
}

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
async fn an_invalid_file_is_refused_with_the_field_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let good = file(&client, None, "a", b"x");
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let long = "a".repeat(801);
    for (field, bad) in [
        ("path", json!("../a")),
        ("path", json!("/a")),
        ("path", json!("a\\b")),
        ("path", json!("a\u{0}")),
        ("path", json!("a/./b")),
        ("path", json!(long)),
        ("path", json!(7)),
        ("content_base64", json!("x")),
        ("content_base64", json!("eA")),
        ("content_base64", json!("e A==")),
        ("content_type", json!("text")),
        ("content_type", json!("text/html\r\nX: y")),
        ("kind", json!("video")),
        ("size", json!(2)),
        ("size", json!(-1)),
        ("sha256", json!("abc")),
        ("sha256", json!(Sha256::of(b"y").to_string())),
    ] {
        let refused = ada.post("/v1/artifacts", with(field, bad)).await;
        let refused = refused.expect_error(400, "INVALID_FIELD");
        let message = refused.json()["detail"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(field), "{field}: {message}");
    }
    for (field, code) in [
        ("org_id", "MISSING_ORG_ID"),
        ("path", "MISSING_PATH"),
        ("content_base64", "MISSING_CONTENT_BASE64"),
    ] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(field);
        ada.post("/v1/artifacts", body).await.expect_error(400, code);
    }
    let sha256 = HEXLOWER.encode(&[7; 32]);
    for (body, code) in [
        (json!({"org_id": client, "path": "a", "size": 1}), "MISSING_SHA256"),
        (json!({"org_id": client, "path": "a", "sha256": sha256}), "MISSING_SIZE"),
    ] {
        ada.post("/v1/artifacts", body).await.expect_error(400, code);
    }
    ada.post("/v1/artifacts", with("org_id", json!("x"))).await.expect_error(404, "NOT_FOUND");
    ada.post("/v1/artifacts", with("project_id", json!("x"))).await.expect_error(404, "NOT_FOUND");
    ada.get("/v1/artifacts").await.expect_error(400, "MISSING_ORG_ID");
    let list = format!("/v1/artifacts?org_id={client}");
    ada.get(&format!("{list}&kind=video")).await.expect_error(400, "INVALID_FIELD");
    ada.get(&format!("{list}&project_id=x")).await.expect_error(404, "NOT_FOUND");
    assert_eq!(app.items("VERSION#", "").await, Vec::<Value>::new());
    // A correct hash and a correct size are accepted, and a file may be empty.
    let mut declared = with("sha256", json!(Sha256::of(b"x").to_string().to_uppercase()));
    declared["size"] = 1.into();
    ada.post("/v1/artifacts", declared).await.expect(200);
    let empty = ada.visitor.upload(&client, None, "empty", b"").await;
    assert_eq!(ada.visitor.download(as_text(&empty["id"])).await.1, b"");
}

#[tokio::test]
async fn files_are_listed_by_scope_path_and_kind() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let (one, two) =
        (ada.create_project(&client, "One").await, ada.create_project(&client, "Two").await);
    for path in ["b", "a/z", "a", "ü"] {
        for scope in [Some(two.as_str()), None, Some(one.as_str())] {
            let mut body = file(&client, scope, path, path.as_bytes());
            if path == "a" {
                body["kind"] = "report".into();
            }
            ada.post("/v1/artifacts", body).await.expect(200);
        }
    }
    // Artifacts are ordered by id, and ids of one second have no defined order.
    let (first, second) = if one < two { (&*one, &*two) } else { (&*two, &*one) };
    let all = format!("/v1/artifacts?org_id={client}");
    let reply = ada.get(&all).await.expect(200);
    assert_eq!(reply.calls_and_trips(), (3, 2));
    for limit in [1, 2, 3, 5, 200] {
        let listed = ada.visitor.all(&format!("{all}&limit={limit}")).await;
        let order: Vec<_> =
            listed.iter().map(|f| (f["project_id"].as_str(), as_text(&f["path"]))).collect();
        let mut expected = Vec::new();
        for scope in [None, Some(first), Some(second)] {
            expected.extend(["a", "a/z", "b", "ü"].map(|path| (scope, path)));
        }
        assert_eq!(order, expected, "{limit}");
    }
    let of_one = format!("{all}&project_id={one}");
    let reply = ada.get(&of_one).await.expect(200);
    assert_eq!(reply.calls_and_trips(), (2, 1));
    assert_eq!(
        list_paths(&ada.visitor.all(&format!("{of_one}&limit=3")).await),
        ["a", "a/z", "b", "ü"]
    );
    let reports = format!("/v1/projects/{one}/reports");
    for list in [format!("{of_one}&kind=report&limit=1"), format!("{reports}?limit=1")] {
        let found = ada.visitor.all(&list).await;
        assert_eq!(list_paths(&found), ["a"]);
        assert_eq!(found[0]["project_id"], one);
    }
    assert_eq!(ada.get(&reports).await.expect(200).calls_and_trips(), (2, 2));
    assert_eq!(ada.visitor.all(&format!("{all}&kind=report&limit=2")).await.len(), 3);
    // A cursor is valid only with its filters.
    let page = ada.get(&format!("{all}&kind=report&limit=1")).await.expect(200).json();
    let cursor = as_text(&page["next_cursor"]);
    for other in [all.clone(), format!("{of_one}&kind=report"), format!("{all}&kind=file")] {
        let refused = ada.get(&format!("{other}&cursor={cursor}")).await;
        refused.expect_error(400, "INVALID_CURSOR");
    }
    // Files of a deleted project are inaccessible at once, before the sweep.
    ada.delete(&format!("/v1/projects/{one}"), json!({})).await.expect(200);
    let listed = ada.visitor.all(&format!("{all}&limit=5")).await;
    assert!(listed.len() == 8 && !listed.iter().any(|file| file["project_id"] == one));
    ada.get(&of_one).await.expect_error(404, "NOT_FOUND");
    ada.get(&reports).await.expect_error(404, "NOT_FOUND");
}

/// The worker is stopped so that the deleted project is not swept yet.
#[tokio::test]
async fn files_of_a_deleted_project_are_hidden_before_the_sweep() {
    let engine = tests::FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let project = ada.create_project(&client, "Churn").await;
    let kept = ada.visitor.upload(&client, Some(&project), "a", b"x").await;
    app.wait_for_worker().await;
    // The deletion itself makes two calls, which succeed.
    engine.inject(tests::Fault::Broken, 2, 1_000);
    ada.delete(&format!("/v1/projects/{project}"), json!({})).await.expect(200);
    app.wait_for_worker().await;
    assert!(engine.clear_fault());
    assert_eq!(app.items("LATEST#", "").await.len(), 1);
    assert_eq!(
        ada.visitor.all(&format!("/v1/artifacts?org_id={client}&limit=9")).await,
        Vec::<Value>::new()
    );
    let id = as_text(&kept["id"]);
    ada.get(&format!("/v1/artifacts/{id}")).await.expect_error(404, "NOT_FOUND");
    ada.get(&format!("/v1/artifacts/{id}/versions")).await.expect_error(404, "NOT_FOUND");
    ada.visitor.delete_file(id).await.expect_error(404, "NOT_FOUND");
    let more = ada.post("/v1/artifacts", file(&client, Some(&project), "b", b"x")).await;
    more.expect_error(404, "NOT_FOUND");
    app.advance_clock(24 * 60 * 60).await;
    app.wait_for_worker().await;
    for partition in ["LATEST#", "PROJECT#", "CONTENT#", "WORK"] {
        assert_eq!(app.items(partition, "").await, Vec::<Value>::new(), "{partition}");
    }
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

#[tokio::test]
async fn files_of_another_organization_are_inaccessible() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (client, evil) = (ada.create_client("Acme Secret").await, eve.default_client().await);
    let project = ada.create_project(&client, "Secret churn").await;
    let evils = eve.create_project(&evil, "Mine").await;
    let kept = ada.visitor.upload(&client, Some(&project), "secret.csv", b"secret").await;
    let id = as_text(&kept["id"]).to_owned();
    let member = app.sign_up("bob").await;
    app.set_plan(&client, "pro").await;
    app.add_member(&client, &member, Role::Member).await;
    let (_, key) = eve.key(&evil, "ci").await;
    let strangers = [eve.visitor.clone(), app.visitor().with_bearer(&key)];
    for visitor in &strangers {
        let replies = [
            visitor.get(&format!("/v1/artifacts/{id}")).await,
            visitor.get(&format!("/v1/artifacts/{id}/versions")).await,
            visitor.delete_file(&id).await,
            visitor.post(&format!("/v1/artifacts/{id}/complete"), json!({})).await,
            visitor.get(&format!("/v1/artifacts?org_id={client}")).await,
            visitor.get(&format!("/v1/artifacts?org_id={client}&project_id={project}")).await,
            visitor.get(&format!("/v1/artifacts?org_id={evil}&project_id={project}")).await,
            visitor.get(&format!("/v1/artifacts?org_id={client}&project_id={evils}")).await,
            visitor.get(&format!("/v1/projects/{project}/reports")).await,
            visitor.post(&format!("/v1/projects/{project}/fork"), json!({})).await,
            visitor.post("/v1/artifacts", file(&client, None, "x", b"x")).await,
            visitor.post("/v1/artifacts", file(&client, Some(&project), "x", b"x")).await,
            visitor.post("/v1/artifacts", file(&evil, Some(&project), "x", b"x")).await,
            visitor.post("/v1/artifacts", file(&client, Some(&evils), "x", b"x")).await,
        ];
        for reply in replies {
            let reply = reply.expect_error(403, "NO_ACCESS");
            assert!(!reply.text.to_lowercase().contains("secret"), "{}", reply.text);
        }
    }
    // A member and a key have access.
    let (_, key) = ada.key(&client, "ci").await;
    for visitor in [member.visitor.clone(), app.visitor().with_bearer(&key)] {
        assert_eq!(visitor.download(&id).await.1, b"secret");
        visitor.upload(&client, Some(&project), "more.csv", b"more").await;
    }
    // The two projects belong to different organizations of one user.
    let other = ada.create_client("Other").await;
    let refused = ada.post("/v1/artifacts", file(&other, Some(&project), "x", b"x")).await;
    refused.expect_error(400, "INVALID_FIELD");
}
