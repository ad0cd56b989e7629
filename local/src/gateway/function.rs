//! The functions behind the gateway. As on Lambda, each takes an event and returns a response.

use std::collections::HashMap;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, LambdaEvent};
use shared::context::Context;
use shared::google::OpenIdProvider;
use shared::http::{Routes, create_service};
use shared::https::HttpsClient;
use tower::Service;
use worker::Clients;

use super::limits;
use super::response::to_http_response;
use crate::control::admin::ADMIN;
use crate::function_context::FunctionContexts;
use crate::stream::WORKER;
use crate::template::{self, Template};

/// The resources that the functions use.
#[derive(Clone, Copy)]
pub(crate) struct FunctionResources<'a> {
    pub(crate) contexts: FunctionContexts<'a>,
    pub(crate) clients: &'a Clients,
    /// The HTTP client for external services.
    pub(crate) https: &'a HttpsClient,
    /// The issuer of Google's ID tokens.
    pub(crate) issuer: &'a str,
}

/// The functions by the name of their binary.
pub(super) struct Functions(HashMap<String, Function>);

struct Function {
    timeout: Duration,
    run: InvokeFunction,
}

impl Functions {
    /// Creates the functions of the template except the worker, which receives no requests.
    ///
    /// # Errors
    /// A message if the local stack does not support a function.
    pub(super) fn from_template(
        template: &Template,
        resources: &FunctionResources<'_>,
    ) -> Result<Self, String> {
        let mut functions = HashMap::new();
        for function in &template.functions {
            let error = |why: &str| Err(format!("{} ({}) {why}", function.name, function.binary));
            if function.binary == WORKER {
                if !function.routes.is_empty() {
                    return error(
                        "has routes, but the local stack sends no requests to the worker",
                    );
                }
                continue;
            }
            if function.binary == ADMIN && function.routes.is_empty() {
                continue;
            }
            if !function.streams.is_empty() {
                return error(
                    "reads a stream, but the local stack only supports that for the worker",
                );
            }
            if !function.schedules.is_empty() {
                return error(
                    "has a schedule, but the local stack only supports that for the worker",
                );
            }
            let Some(created) = Function::new(function, resources) else {
                return error(
                    "is unknown to the local stack: add it to local/src/gateway/function.rs",
                );
            };
            functions.insert(function.binary.clone(), created);
        }
        Ok(Self(functions))
    }

    /// Invokes a function with an event, as Lambda does.
    ///
    /// # Errors
    /// `()` if the function panics, times out or returns an invalid response. API Gateway then answers 500.
    pub(super) async fn invoke(&self, binary: &str, payload: &str) -> Result<Response, ()> {
        let function = self.0.get(binary).ok_or(())?;
        // The kind of the event is known, so it is parsed once. `LambdaRequest` parses it twice to find the kind out.
        let event: ApiGatewayV2httpRequest = serde_json::from_str(payload).map_err(|error| {
            tracing::error!(cause = ?error, function = binary, "an event could not be read");
        })?;
        let run = async { (function.run)(event).await };
        let run = AssertUnwindSafe(run).catch_unwind();
        let response = match tokio::time::timeout(function.timeout, run).await {
            // A panic prints its message to standard error.
            Ok(response) => response.ok().flatten(),
            Err(_) => {
                tracing::error!(function = binary, "an invocation timed out");
                None
            }
        };
        let response = response.ok_or(())?;
        if limits::is_too_long_for_lambda(&response) {
            tracing::error!(function = binary, "a response is longer than Lambda's limit");
            return Err(());
        }
        to_http_response(&response).ok_or(())
    }
}

impl Function {
    /// Creates the function of a binary, or returns `None` if the local stack does not know it.
    fn new(function: &template::Function, resources: &FunctionResources<'_>) -> Option<Self> {
        let FunctionResources { contexts, clients, https, issuer } = *resources;
        let Clients { stripe, slack, .. } = clients;
        let with_context =
            |routes: Routes<Context>| adapter(create_service(routes, contexts.create(function)));
        let run = match function.binary.as_str() {
            "auth" => {
                let provider = OpenIdProvider::new(https.clone(), issuer.to_owned());
                with_context(auth::routes(provider, slack.clone()))
            }
            "billing" => with_context(billing::routes(stripe.clone())),
            "clients" => with_context(clients::routes()),
            "dashboard" => {
                let ctx = contexts.create(function);
                let services = dashboard::Services {
                    stripe: stripe.clone(),
                    blobs: contexts.create_blob_store(function),
                    google: Arc::new(OpenIdProvider::new(https.clone(), issuer.to_owned())),
                    slack: Arc::new(slack.clone()),
                };
                adapter(create_service(dashboard::routes(&ctx, services), ctx))
            }
            "passkeys" => with_context(passkeys::routes()),
            "projects" => with_context(projects::routes(contexts.create_blob_store(function))),
            "tokens" => with_context(tokens::routes()),
            "webhooks" => with_context(webhooks::routes(stripe.clone())),
            _ => return None,
        };
        Some(Self { timeout: function.timeout, run })
    }
}

/// Invokes a function with an event. Returns its response as JSON text, which is what Lambda limits and API Gateway
/// reads; `None` if it cannot be written as JSON.
type InvokeFunction =
    Box<dyn Fn(ApiGatewayV2httpRequest) -> BoxFuture<'static, Option<String>> + Send + Sync>;

/// Wraps the service of a function in the adapter that it has on Lambda.
fn adapter(service: shared::http::HttpService) -> InvokeFunction {
    Box::new(move |event| {
        let mut context = lambda_runtime::Context::default();
        context.xray_trace_id = trace_header(&event);
        let event = LambdaEvent::new(LambdaRequest::ApiGatewayV2(event), context);
        // The service is always ready. The adapter cannot move between threads, so each call has its own.
        let response = Adapter::from(service.clone()).call(event);
        Box::pin(async move {
            let response = match response.await {
                Ok(response) => response,
                Err::<_, Infallible>(never) => match never {},
            };
            serde_json::to_string(&response).ok()
        })
    })
}

/// Returns the header of an event with the id of its trace, which Lambda also passes as its own.
fn trace_header(event: &ApiGatewayV2httpRequest) -> Option<String> {
    Some(event.headers.get("x-amzn-trace-id")?.to_str().ok()?.to_owned())
}
