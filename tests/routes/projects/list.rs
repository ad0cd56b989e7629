//! Tests of `GET /v1/projects`.

use tests::TestApp;
use tests::projects::{UNKNOWN_CLIENT, create_project, delete_project, list_projects};

#[tokio::test]
async fn a_list_requires_an_organization() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let acme = ada.create_client("Acme").await;
    create_project(&ada, &acme, "Secret").await;
    for (query, status, code) in [
        (String::new(), 400, "MISSING_ORG_ID"),
        ("?org_id=".to_owned(), 400, "MISSING_ORG_ID"),
        ("?org_id=%20".to_owned(), 400, "MISSING_ORG_ID"),
        ("?ORG_ID=x".to_owned(), 400, "MISSING_ORG_ID"),
        (format!("?org_id={acme}&org_id={acme}"), 400, "INVALID_FIELD"),
        ("?org_id=x".to_owned(), 404, "NOT_FOUND"),
        (format!("?org_id={}", acme.to_uppercase()), 404, "NOT_FOUND"),
        (format!("?org_id={UNKNOWN_CLIENT}"), 404, "NOT_FOUND"),
        (format!("?org_id={acme}&limit=0"), 400, "INVALID_FIELD"),
        (format!("?org_id={acme}&cursor=x"), 400, "INVALID_CURSOR"),
    ] {
        let reply = ada.get(&format!("/v1/projects{query}")).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{query}");
    }
    // Access is checked before the cursor.
    for query in ["", "&cursor=x"] {
        let theirs = eve.get(&format!("/v1/projects?org_id={acme}{query}")).await;
        assert!(!theirs.expect_error(403, "NO_ACCESS").text.contains("Secret"));
    }
    app.visitor().get("/v1/projects").await.expect_error(401, "missing bearer token");
}

#[tokio::test]
async fn pages_are_ordered_without_duplicates_or_gaps() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (acme, other) = (ada.create_client("Acme").await, ada.create_client("Other").await);
    app.set_plan(&acme, "pro").await;
    let mut expected = Vec::new();
    for number in 0..11 {
        let path = create_project(&ada, &acme, &format!("Project {number}")).await;
        if number % 4 == 3 {
            delete_project(&ada.visitor, &path).await.expect(200);
        } else {
            expected.push(format!("Project {number}"));
        }
        app.advance_clock(1).await;
    }
    for limit in [1, 2, 3, 200] {
        let (mut names, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let path = format!("/v1/projects?org_id={acme}&limit={limit}{cursor}");
            let page = ada.get(&path).await.expect(200).json();
            let data = page["data"].as_array().unwrap().clone();
            assert!(data.len() <= limit);
            names.extend(data.iter().map(|project| project["name"].as_str().unwrap().to_owned()));
            pages += 1;
            assert!(pages < 20);
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
            let elsewhere = ada.get(&format!("/v1/projects?org_id={other}{cursor}")).await;
            elsewhere.expect_error(400, "INVALID_CURSOR");
        }
        assert_eq!(names, expected, "limit {limit}");
    }
    assert!(list_projects(&ada.visitor, &other).await.is_empty());
}
