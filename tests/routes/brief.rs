//! Tests of `GET` and `PUT /v1/projects/{project_id}/brief`.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use shared::dynamo::Update;
use shared::ids::ProjectId;
use shared::keys;
use shared::organizations::Role;
use shared::projects::{CopyProgress, Project};
use tests::activity::list_log_entries;
use tests::costs::assert_cost;
use tests::projects::{create_project, delete_project};
use tests::{FaultProxy, Reply, TestApp, Visitor, count_successes, race, race_size};

/// The maximum size of a brief in bytes.
const MOST: usize = 256 * 1024;

/// Sends a body to the brief of a project.
async fn put_brief(visitor: &Visitor, project: &str, body: impl Into<Vec<u8>>) -> Reply {
    let body = Some(("application/json", body.into()));
    visitor.send(Method::PUT, &format!("{project}/brief"), body).await
}

/// Writes the brief of a project.
async fn write_brief(visitor: &Visitor, project: &str, content: &str) -> Reply {
    put_brief(visitor, project, json!({"content": content}).to_string()).await
}

/// Reads the brief of a project.
async fn read_brief(visitor: &Visitor, project: &str) -> Value {
    visitor.get(&format!("{project}/brief")).await.expect(200).json()
}

#[tokio::test]
async fn a_brief_is_returned_as_written() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let project = create_project(&ada, &acme, "Churn").await;
    let never = ada.get(&format!("{project}/brief")).await.expect(200);
    assert_cost(&never, 1, 1);
    assert_eq!(never.json(), json!({"content": "", "updated_at": null}));
    let texts =
        ["# Churn\n\n- who?\r\n\t- *why*?\n", "<script>alert(1)</script>", " e\u{301} 李 🙂 ", ""];
    for text in texts {
        app.advance_clock(5).await;
        let written = write_brief(&ada.visitor, &project, text).await.expect(200);
        assert_cost(&written, 2, 2);
        let now = app.now().await;
        assert_eq!(written.json(), json!({"content": text, "updated_at": now}));
        assert_eq!(read_brief(&ada.visitor, &project).await, written.json());
        let shown = ada.get(&project).await.expect(200).json();
        assert_eq!(shown["updated_at"], now);
        assert!(shown["created_at"].as_i64().unwrap() < now);
    }
    // Writing the same text changes nothing.
    app.advance_clock(5).await;
    let again = write_brief(&ada.visitor, &project, "").await.expect(200);
    assert_cost(&again, 1, 1);
    assert_eq!(again.json()["updated_at"], app.now().await - 5);
    assert_eq!(ada.get(&project).await.json()["updated_at"], app.now().await - 5);
    // Each project has a brief of its own.
    let other = create_project(&ada, &acme, "Other").await;
    assert_eq!(read_brief(&ada.visitor, &other).await["updated_at"], json!(null));
}

#[tokio::test]
async fn the_log_has_the_lengths_of_a_brief_but_not_its_text() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let project = create_project(&ada, &acme, "Churn").await;
    write_brief(&ada.visitor, &project, "a secret").await.expect(200);
    write_brief(&ada.visitor, &project, "é").await.expect(200);
    write_brief(&ada.visitor, &project, "é").await.expect(200);
    let log = list_log_entries(&app, &acme, "project.brief_changed").await;
    let sizes = |entry: &Value| {
        let details = &entry["details"]["M"];
        let size = |name: &str| details[name]["S"].as_str().unwrap().to_owned();
        assert_eq!(details["name"]["S"], "Churn");
        assert_eq!(details.as_object().unwrap().len(), 3);
        (size("size_before"), size("size_after"))
    };
    let mut sizes: Vec<_> = log.iter().map(sizes).collect();
    sizes.sort();
    let pair = |before: &str, after: &str| (before.to_owned(), after.to_owned());
    assert_eq!(sizes, [pair("0", "8"), pair("8", "2")]);
    assert_eq!(log[0]["target"]["S"], project.rsplit('/').next().unwrap());
    let all = app.items("ACTIVITY#", "").await;
    assert!(all.iter().all(|entry| !entry.to_string().contains("a secret")));
}

#[tokio::test]
async fn a_brief_has_at_most_256_kibibytes_in_any_encoding() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let project = create_project(&ada, &acme, "Churn").await;
    // Each character has two bytes.
    let longest = "é".repeat(MOST / 2);
    let written = write_brief(&ada.visitor, &project, &longest).await.expect(200);
    assert_eq!(written.json()["content"], longest);
    assert_eq!(read_brief(&ada.visitor, &project).await["content"], longest);
    let too_long = write_brief(&ada.visitor, &project, &format!("{longest}x")).await;
    let too_long = too_long.expect_error(413, "BODY_TOO_LARGE");
    assert!(too_long.text.contains("262144"));
    // The same text is sent in its longest JSON encoding.
    let escaped = format!(r#"{{"content":"{}"}}"#, r"\u0041".repeat(MOST));
    assert!(escaped.len() > 1_500_000);
    let written = put_brief(&ada.visitor, &project, escaped).await.expect(200);
    assert_eq!(written.json()["content"], "A".repeat(MOST));
    // The body is larger than any valid one.
    let padded = format!(r#"{{"content":"x","more":"{}"}}"#, "y".repeat(2 * 1024 * 1024));
    put_brief(&ada.visitor, &project, padded).await.expect_error(413, "BODY_TOO_LARGE");
    assert_eq!(read_brief(&ada.visitor, &project).await["content"], "A".repeat(MOST));
    // The limits of other calls are unchanged.
    let body = json!({"description": "x", "more": "y".repeat(64 * 1024)});
    ada.patch(&project, body).await.expect_error(413, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn an_invalid_brief_is_refused() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let acme = ada.create_client("Acme").await;
    let project = create_project(&ada, &acme, "Churn").await;
    for (body, code) in [
        (json!({}), "MISSING_CONTENT"),
        (json!({"content": null}), "MISSING_CONTENT"),
        (json!({"content": 7}), "INVALID_FIELD"),
        (json!({"content": ["x"]}), "INVALID_FIELD"),
        (json!({"content": "a\u{0}b"}), "INVALID_FIELD"),
        (json!({"content": "\u{1b}[31m"}), "INVALID_FIELD"),
        (json!({"content": "\u{7f}"}), "INVALID_FIELD"),
        (json!({"content": "\u{9b}"}), "INVALID_FIELD"),
        (json!("x"), "INVALID_JSON"),
    ] {
        put_brief(&ada.visitor, &project, body.to_string()).await.expect_error(400, code);
    }
    let surrogate = put_brief(&ada.visitor, &project, r#"{"content":"\ud800"}"#).await;
    surrogate.expect_error(400, "INVALID_JSON");
    let plain = Some(("text/markdown", b"# Churn".to_vec()));
    let plain = ada.visitor.send(Method::PUT, &format!("{project}/brief"), plain).await;
    plain.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
    // A missing permission is reported before an invalid body.
    let signed_out = ada.sign_in(&app).await;
    signed_out.post("/v1/logout", json!({})).await.expect(200);
    for body in [json!({}).to_string(), json!({"content": "x".repeat(MOST + 1)}).to_string()] {
        let nobody = put_brief(&signed_out.visitor, &project, body).await;
        nobody.expect_error(401, "invalid session");
    }
    write_brief(&eve.visitor, &project, "x").await.expect_error(403, "NO_ACCESS");
    assert_eq!(read_brief(&ada.visitor, &project).await["content"], "");
    assert!(app.items("PROJECT#", "").await.is_empty());
}

/// Marks a project as being copied, or not, by changing its row.
async fn set_copying(app: &TestApp, project: &str, copying: bool) {
    let ctx = app.stack().context();
    let id: ProjectId = project.rsplit('/').next().unwrap().parse().unwrap();
    let update = Update::new(keys::project(&id)).add("version", 1);
    let update = if copying {
        update.set("copying", CopyProgress { forks: 0, after: None, settled: false }).unwrap()
    } else {
        update.remove("copying")
    };
    ctx.table.update::<Project>(update).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_brief_is_not_written_while_the_project_is_copied() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let project = create_project(&ada, &acme, "Churn").await;
    write_brief(&ada.visitor, &project, "before").await.expect(200);
    set_copying(&app, &project, true).await;
    write_brief(&ada.visitor, &project, "meanwhile").await.expect_error(409, "PROJECT_COPYING");
    assert_eq!(read_brief(&ada.visitor, &project).await["content"], "before");
    // A copy does not contain the name, so the name can change.
    ada.patch(&project, json!({"name": "Renamed"})).await.expect(200);
    set_copying(&app, &project, false).await;
    write_brief(&ada.visitor, &project, "after").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_writes_leave_one_brief_and_a_complete_log() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let project = create_project(&ada, &acme, "Churn").await;
    let replies = race(race_size(), |number| {
        let (ada, project) = (ada.clone(), project.clone());
        async move {
            if number % 10 == 0 {
                // Other requests change the project itself meanwhile.
                let description = json!({"description": format!("Description {number}")});
                ada.patch(&project, description).await
            } else {
                write_brief(&ada.visitor, &project, &"x".repeat(number)).await
            }
        }
    })
    .await;
    assert!(replies.iter().all(|reply| matches!(reply.status, 200 | 503)));
    app.wait_until_idle(&replies).await;
    let log = list_log_entries(&app, &acme, "project.brief_changed").await;
    let size = |entry: &Value, name: &str| {
        entry["details"]["M"][name]["S"].as_str().unwrap().parse::<usize>().unwrap()
    };
    let mut changes: BTreeMap<_, _> =
        log.iter().map(|e| (size(e, "size_before"), size(e, "size_after"))).collect();
    let writing = (0..race_size()).filter(|number| number % 10 != 0).map(|number| &replies[number]);
    assert!(changes.len() == log.len() && count_successes(writing).contains(&log.len()));
    let mut last = 0;
    while let Some(next) = changes.remove(&last) {
        last = next;
    }
    assert!(changes.is_empty(), "one after the other");
    assert_eq!(read_brief(&ada.visitor, &project).await["content"], "x".repeat(last));
    // No change of the project is lost to a write of the brief.
    let described = list_log_entries(&app, &acme, "project.changed").await.len();
    assert!(count_successes(replies.iter().step_by(10)).contains(&described));
    assert_eq!(ada.get(&project).await.json()["description"].is_string(), described > 0);
}

/// Another request changes the project between the read and the write of each request.
#[tokio::test]
async fn a_write_is_checked_against_concurrent_changes() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &bob, Role::Member).await;
    let project = create_project(&ada, &acme, "Churn").await;
    let writing = |text: &'static str| write_brief(&ada.visitor, &project, text);

    let other = async { drop(write_brief(&bob.visitor, &project, "bob's").await.expect(200)) };
    engine.delay_transaction(writing("ada's"), other).await.expect(200);
    assert_eq!(read_brief(&ada.visitor, &project).await["content"], "ada's");
    let log = list_log_entries(&app, &acme, "project.brief_changed").await;
    let before = |size: &str| log.iter().any(|e| e["details"]["M"]["size_before"]["S"] == size);
    assert!(log.len() == 2 && before("0") && before("5"));

    let late = engine.delay_transaction(writing("late"), set_copying(&app, &project, true)).await;
    late.expect_error(409, "PROJECT_COPYING");
    set_copying(&app, &project, false).await;
    let removal = format!("/v1/clients/{acme}/members/{}", bob.id().await);
    let removing = async { drop(ada.delete(&removal, json!({})).await.expect(200)) };
    let late =
        engine.delay_transaction(write_brief(&bob.visitor, &project, "late"), removing).await;
    late.expect_error(403, "NO_ACCESS");
    assert_eq!(read_brief(&ada.visitor, &project).await["content"], "ada's");

    let deleting = async { drop(delete_project(&ada.visitor, &project).await.expect(200)) };
    engine.delay_transaction(writing("late"), deleting).await.expect_error(404, "NOT_FOUND");
    assert_eq!(list_log_entries(&app, &acme, "project.brief_changed").await.len(), 2);
    let briefs = app.items("PROJECT#", "BRIEF").await;
    assert!(briefs.iter().all(|brief| brief["content"]["S"] == "ada's"));
}
