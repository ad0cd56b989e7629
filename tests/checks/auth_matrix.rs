//! Each route refuses every credential but those that it requires.

use shared::organizations::rights::Right;
use tests::openapi::operations;
use tests::route_credentials::{Resources, create_credentials, create_token, expected_error};
use tests::route_table::{Needs, routes};
use tests::{Reply, TestApp, Visitor};

#[test]
fn every_route_is_listed() {
    let mut documented = operations();
    let mut listed: Vec<_> =
        routes().iter().map(|(method, path, ..)| format!("{method} {path}")).collect();
    documented.sort();
    listed.sort();
    assert_eq!(listed, documented);
}

#[tokio::test]
async fn every_route_requires_its_credential() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Engines").await;
    let rows = create_credentials(&app, &ada, &client).await;
    for (number, (method, path, needs, body)) in routes().into_iter().enumerate() {
        // Each route gets a new session and new resources, because some routes end sessions or
        // delete resources.
        let again = ada.sign_in(&app).await;
        let of_projects =
            [Right::ViewProjects, Right::ManageProjects].map(Needs::In).contains(&needs);
        let resources = if of_projects {
            Resources::create_in(&again, &client, &format!("Project {number}")).await
        } else {
            Resources::unknown_in(&app, &client)
        };
        let mut done = false;
        let send = async |visitor: &Visitor, prefix: &str| -> Reply {
            resources.send(visitor, method, &format!("{prefix}{path}"), body.as_ref()).await
        };
        for (number, row) in rows.iter().enumerate() {
            // template.rs checks that each route has both base paths, so alternating between them
            // is enough.
            let prefix = ["", "/api"][number % 2];
            // Routes that sign out or leave would invalidate the credentials of later rows.
            let changes = ["/v1/logout", "/v1/me/password", "/v1/me/sessions"].contains(&path)
                || path.ends_with("/leave");
            if needs == Needs::Nothing {
                // The credential must not make a difference.
                let (reply, plain) =
                    (send(&row.visitor, prefix).await, send(&app.visitor(), prefix).await);
                assert_eq!((reply.status, reply.text), (plain.status, plain.text));
                continue;
            }
            let expected = expected_error(row, needs);
            if expected.is_none() && changes {
                continue;
            }
            let reply = send(&row.visitor, prefix).await;
            let what = format!("{} {method} {path}: {} {}", row.who, reply.status, reply.text);
            match expected {
                Some((status, code)) => {
                    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{what}");
                }
                None => {
                    done |= reply.status == 200;
                    // Some ids do not exist, some resources were deleted by an earlier row, and
                    // some bodies are invalid. The credential has passed in all these cases.
                    assert!(matches!(reply.status, 200 | 400 | 402 | 404 | 409 | 429), "{what}");
                }
            }
        }
        // At least one credential got 200, so the resources exist.
        assert!(!of_projects || done, "{method} {path}");
        let own = send(&again.visitor, "").await;
        let passed = matches!(own.status, 200 | 400 | 404 | 409 | 429);
        let bearer_only = matches!(needs, Needs::Bearer | Needs::Exchange | Needs::KeyOf);
        assert!(needs == Needs::Nothing || bearer_only || passed, "{method} {path}: {}", own.text);
    }
}

#[tokio::test]
async fn an_unknown_client_is_404_and_a_foreign_one_is_403() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let client = ada.create_client("Engines").await;
    let real = Resources::create_in(&ada, &client, "Churn").await;
    let [nowhere, short, other] = ["client_aaaaaaaaaaaaaaaaaaaaaaaaaa", "client_", "x"]
        .map(|id| Resources::unknown_in(&app, id));
    let good = create_token(&eve, None).await;
    for visitor in [eve.visitor.clone(), app.visitor().with_bearer(&good)] {
        for (method, path, needs, body) in routes() {
            let right = matches!(
                needs,
                Needs::In(_) | Needs::SessionIn(_) | Needs::RecentSessionIn(_) | Needs::KeyOf
            );
            let bearer = visitor.get("/v1/token").await.status == 200;
            if !right
                || (bearer && matches!(needs, Needs::SessionIn(_) | Needs::RecentSessionIn(_)))
            {
                continue;
            }
            for (resources, expected) in [
                (&real, (403, "NO_ACCESS")),
                (&Resources::unknown_in(&app, &client), (403, "NO_ACCESS")),
                (&nowhere, (404, "NOT_FOUND")),
                (&short, (404, "NOT_FOUND")),
                (&other, (404, "NOT_FOUND")),
            ] {
                let reply = resources.send(&visitor, method, path, body.as_ref()).await;
                let (got, id) = ((reply.status, reply.code()), &resources.client);
                assert_eq!((got.0, got.1.as_str()), expected, "{method} {path} {id}");
            }
        }
    }
}

#[tokio::test]
async fn verify_writes_checking_a_token_writes_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let good = app.token(&ada, |_| {}).await;
    let me = app.visitor().with_bearer(&good).get("/v1/me").await.expect(200);
    assert_eq!((me.cost().calls, me.cost().trips, me.cost().wcu), (1, 1, 0.0));
    assert_eq!(me.json()["user"]["email"], "ada@example.com");
    // A token with a wrong checksum is rejected without a lookup.
    let typo = app.visitor().with_bearer(&good[..good.len() - 1]).get("/v1/me").await.expect(401);
    assert_eq!(typo.header("x-local-dynamodb"), Some("calls=0;trips=0;rcu=0;wcu=0"));
}
