//! The processor time of what every request does, without a network.
//!
//! ```text
//! cargo bench -p bench
//! ```

// A benchmark measures real time, and ends if something fails.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

#[path = "../src/account.rs"]
#[allow(dead_code)] // The load uses more of an account.
mod account;
#[path = "../src/error.rs"]
mod error;
#[path = "../src/function.rs"]
#[allow(dead_code)] // The measurements of functions use more of it.
mod function;
#[path = "../src/network.rs"]
mod network;

use std::collections::HashMap;
use std::hint::black_box;

use account::Account;
use aws_sdk_dynamodb::types::AttributeValue;
use criterion::{Criterion, criterion_group, criterion_main};
use error::Result;
use function::Request;
use local::{Stack, StackOptions};
use serde_json::json;
use shared::context::Context;
use shared::http::{HttpService, create_service};
use shared::ids::{OrganizationId, ProjectId};
use shared::projects::Project;
use shared::sessions::verify_token;
use shared::tokens::PlainToken;
use tokio::runtime::Runtime;
use tower::ServiceExt;

fn hot_paths(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let (stack, account) = runtime.block_on(start()).unwrap();
    let ctx = stack.context();

    criterion.bench_function("parse a token", |bencher| {
        bencher.iter(|| PlainToken::parse(black_box(&account.token)).unwrap());
    });

    criterion.bench_function("verify a session's token", |bencher| {
        bencher
            .to_async(&runtime)
            .iter(|| async { verify_token(ctx, black_box(&account.session)).await.unwrap() });
    });

    let token = || Some(("authorization", format!("Bearer {}", account.token)));
    let session = || Some(("cookie", account.cookie()));
    let (tokens, clients) = (
        create_service(tokens::routes(), ctx.clone()),
        create_service(clients::routes(), ctx.clone()),
    );
    for (name, service, header, path, status) in [
        ("event to response, refused", &tokens, None, "/v1/token", 401),
        ("event to response, token", &tokens, token(), "/v1/token", 200),
        ("event to response, session", &clients, session(), "/v1/clients", 200),
    ] {
        let event = Request::http("GET", path, "", header, "").event.to_string();
        criterion.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter(|| answer(service, &event, status));
        });
    }

    let item = project(ctx);
    criterion.bench_function("item to type", |bencher| {
        bencher.iter(|| serde_dynamo::from_item::<_, Project>(black_box(&item).clone()).unwrap());
    });
    runtime.block_on(stack.stop());
}

async fn start() -> Result<(Stack, Account)> {
    let options = StackOptions {
        cdn_secrets: vec![network::CDN_SECRET.to_owned()],
        ..StackOptions::default()
    };
    let stack = Stack::start(options).await?;
    let account = Account::create(stack.url(), "bench@example.com").await?;
    Ok((stack, account))
}

/// Answers an event as Lambda delivers it. The table is in memory.
async fn answer(service: &HttpService, event: &str, status: u16) {
    let request = lambda_http::request::from_str(event).unwrap();
    let response = service.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), status);
    black_box(response);
}

/// Makes the stored form of a project.
fn project(ctx: &Context) -> HashMap<String, AttributeValue> {
    let organization = OrganizationId::generate(&*ctx.random);
    let id = ProjectId::generate(&*ctx.random, ctx.now(), &organization);
    let project = json!({
        "id": id,
        "name": "Churn",
        "description": "Why customers leave",
        "created_at": ctx.now(),
        "updated_at": ctx.now(),
        "files": 12,
    });
    let project: Project = serde_json::from_value(project).unwrap();
    serde_dynamo::to_item(&project).unwrap()
}

criterion_group!(benches, hot_paths);
criterion_main!(benches);
