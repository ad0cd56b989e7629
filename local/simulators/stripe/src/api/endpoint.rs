//! The endpoint for all API requests: authentication, faults, validation and idempotency.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::authentication::{authenticate, check_version};
use super::expand::expand;
use super::lists::PAGINATION_PARAMETERS;
use super::routes::{self, ApiRoute};
use super::schema;
use super::unsupported::find_unsupported;
use crate::description::API_VERSION;
use crate::error::{ApiError, ApiResult};
use crate::operation::RequestIds;
use crate::parameters;
use crate::simulator::StripeSimulator;
use crate::store::StoredResponse;

/// The lifetime of an idempotency key in seconds.
const IDEMPOTENCY_KEY_TTL: i64 = 86_400;

/// A request to the API.
struct ApiRequest {
    method: String,
    /// The path, which begins with `/v1`.
    path: String,
    parameters: Value,
    idempotency_key: Option<String>,
    user_agent: Option<String>,
    /// The id of the request, `req_…`.
    id: String,
}

/// The response to a request that did not fail.
struct ApiResponse {
    status: StatusCode,
    body: Value,
    /// Whether an earlier response is returned again for the same idempotency key.
    is_replayed: bool,
}

/// Handles any request below `/v1`.
pub(crate) async fn handle(
    State(stripe): State<Arc<StripeSimulator>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let query = uri.query().unwrap_or_default().as_bytes();
    let encoded = if body.is_empty() { query } else { &body };
    let parsed = parameters::parse(encoded);
    let request = ApiRequest {
        method: method.to_string(),
        path: uri.path().to_owned(),
        parameters: parsed.clone().unwrap_or_default(),
        idempotency_key: header("idempotency-key").map(str::to_owned),
        user_agent: header("user-agent").map(str::to_owned),
        id: format!("req_{}", stripe.random.identifier()),
    };
    let fault = stripe.take_fault();
    let fails_first = fault.as_ref().is_some_and(|fault| !fault.after);
    let outcome = if fails_first {
        Err(ApiError::internal(StatusCode::INTERNAL_SERVER_ERROR))
    } else {
        authenticate(&stripe, &headers)
            .and_then(|()| check_version(header("stripe-version")))
            .and_then(|()| match parsed {
                Some(_) => respond(&stripe, &request),
                None => Err(ApiError::invalid_request(
                    "Invalid request: parameters contradict each other",
                )),
            })
    };
    StripeSimulator::spawn_delivery(&stripe);
    let mut response = outcome.unwrap_or_else(|error| ApiResponse {
        status: error.status,
        body: error.to_body(),
        is_replayed: false,
    });
    if let Some(fault) = &fault {
        let status = fault.status();
        let body = ApiError::internal(status).to_body();
        response = ApiResponse { status, body, is_replayed: false };
    }
    stripe.log_request(request.to_log_entry(response.status, stripe.now()));
    if let Some(fault) = &fault {
        fault.delay().await;
    }
    to_http_response(&request, response)
}

fn to_http_response(request: &ApiRequest, response: ApiResponse) -> Response {
    let ApiResponse { status, body, is_replayed } = response;
    let mut response = (status, Json(body)).into_response();
    let always = [("request-id", request.id.as_str()), ("stripe-version", API_VERSION)];
    let replayed = is_replayed.then_some(("idempotent-replayed", "true"));
    let key = request.idempotency_key.as_deref().map(|key| ("idempotency-key", key));
    for (name, value) in always.into_iter().chain(replayed).chain(key) {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Executes a request, or returns the stored response of its idempotency key.
///
/// # Errors
/// Fails with 404 for an unknown call, with 400 for invalid parameters, and with the error of the call.
fn respond(stripe: &StripeSimulator, request: &ApiRequest) -> ApiResult<ApiResponse> {
    let Some((route, id)) = routes::find_route(&request.method, &request.path) else {
        let message = format!(
            "Unrecognized request URL ({}: {}). If you are trying to list objects, remove \
            the trailing slash. If you are trying to retrieve an object, make sure you passed a valid \
            (non-empty) identifier in your code.",
            request.method, request.path
        );
        return Err(ApiError::invalid_request(message).with_status(StatusCode::NOT_FOUND));
    };
    // The order of parameters is no difference between two requests.
    let mut parameters = request.parameters.clone();
    parameters.sort_all_objects();
    let fingerprint = format!("{} {} {parameters}", request.method, request.path);
    let request_ids = RequestIds {
        request_id: Some(request.id.clone()),
        idempotency_key: request.idempotency_key.clone(),
    };
    stripe.run_for_request(request_ids, |op| {
        let key = request.idempotency_key.as_deref().filter(|_| request.method != "GET");
        let now = op.now;
        op.store.responses.retain(|_, response| response.created_at > now - IDEMPOTENCY_KEY_TTL);
        if let Some((key, earlier)) = key.and_then(|key| Some((key, op.store.responses.get(key)?)))
        {
            return replay(key, earlier, &fingerprint);
        }
        check_parameters(stripe, request, route)?;
        let outcome = (route.handler)(op, id, &request.parameters).and_then(|mut body| {
            expand(op, &mut body, &request.parameters)?;
            Ok(body)
        });
        let (status, body) = match outcome {
            Ok(body) => (StatusCode::OK, body),
            // Stripe stores declines under the key. After an invalid request the key can be used again.
            Err(error) if error.status == StatusCode::PAYMENT_REQUIRED => {
                (error.status, error.to_body())
            }
            Err(error) => return Err(error),
        };
        if let Some(key) = key {
            let stored = StoredResponse {
                request: fingerprint,
                status: status.as_u16(),
                body: body.clone(),
                created_at: now,
            };
            op.store.responses.insert(key.to_owned(), stored);
        }
        Ok(ApiResponse { status, body, is_replayed: false })
    })
}

/// Returns the stored response of an idempotency key.
///
/// # Errors
/// Fails with `idempotency_error` if the earlier request was another one.
fn replay(key: &str, earlier: &StoredResponse, fingerprint: &str) -> ApiResult<ApiResponse> {
    if earlier.request != fingerprint {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they \
            were first used with. Try using a key other than '{key}' if you meant to execute a different \
            request."
        );
        return Err(ApiError::idempotency_error(message));
    }
    let status = StatusCode::from_u16(earlier.status).unwrap_or_default();
    Ok(ApiResponse { status, body: earlier.body.clone(), is_replayed: true })
}

/// Checks that Stripe has the parameters and that the simulator supports them.
///
/// # Errors
/// Fails with 400 for the first parameter that is invalid or not supported.
fn check_parameters(
    stripe: &StripeSimulator,
    request: &ApiRequest,
    route: &ApiRoute,
) -> ApiResult<()> {
    let schema = stripe.description.parameter_schema(&request.method.to_lowercase(), route.path);
    schema::check_parameters(&schema, &request.parameters)?;
    let mut supported = route.parameters.to_vec();
    supported.push("expand");
    if request.method == "GET" {
        supported.extend(PAGINATION_PARAMETERS);
    }
    match find_unsupported(&supported, &request.parameters, "") {
        None => Ok(()),
        Some(name) => {
            Err(ApiError::unsupported(&format!("the parameter {name}")).with_param(&name))
        }
    }
}

impl ApiRequest {
    /// Returns the entry of the request log, which `/local/stripe/requests` lists.
    fn to_log_entry(&self, status: StatusCode, responded_at: i64) -> Value {
        json!({"method": self.method, "path": self.path, "parameters": self.parameters,
            "idempotency_key": self.idempotency_key, "user_agent": self.user_agent,
            "status": status.as_u16(), "at": responded_at})
    }
}
