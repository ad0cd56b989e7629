//! Tests of `GET /v1/artifacts`.

use serde_json::{Value, json};
use tests::json::as_text;
use tests::{TestApp, file};

/// Lists the paths of artifacts.
fn list_paths(list: &[Value]) -> Vec<&str> {
    list.iter().map(|file| as_text(&file["path"])).collect()
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
