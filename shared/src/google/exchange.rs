//! Finishing a sign-in with Google: exchanges the code for an ID token, and verifies the token.

use chrono::{DateTime, Utc};
use openidconnect::core::{CoreErrorResponseType, CoreJwsSigningAlgorithm, CoreRequestTokenError};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, Nonce, PkceCodeVerifier, RequestTokenError,
    SignatureVerificationError, TokenResponse,
};

use super::google_identity::{GoogleIdentity, MAX_SUBJECT_LEN};
use super::http::HttpClient;
use super::id_token::{Client, IdToken, IdTokenClaims};
use super::openid_provider::{OpenIdProvider, ProviderMetadata, with_timeout};
use super::pending_authorization::PendingAuthorization;
use super::{client, google_client};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::https::HttpsError;
use crate::secrets::GoogleCredentials;
use crate::switches::Feature;
use crate::values::{EmailAddress, Name};

/// Exchanges the authorization code of a flow for the verified identity.
///
/// # Errors
/// - [`Error::GoogleNotSetUp`] if the deployment has no OAuth client at Google.
/// - [`Error::GoogleRefused`] if Google refuses the code, or the ID token is invalid.
/// - [`Error::Disabled`] while sign-in with Google is switched off.
/// - [`Error::Unavailable`] if Google does not respond.
/// - `Error::Internal` if Google refuses our client or the form of our request.
pub async fn exchange(
    ctx: &Context,
    provider: &OpenIdProvider,
    flow: &PendingAuthorization,
    code: String,
) -> Result<GoogleIdentity> {
    // A code is used up by its exchange, so it is not exchanged in vain.
    let (is_on, ours) = tokio::join!(ctx.switches.require(Feature::Google), google_client(ctx));
    is_on?;
    let ours = ours?;
    with_timeout(async {
        let now = ctx.now();
        let mut metadata = provider.metadata(now).await?;
        let client = client(ctx, &metadata, &ours)?;
        let token = exchange_code(client, provider.http(), flow, code).await?;
        let mut claims = verify_id_token(ctx, &metadata, &ours, &token, flow);
        if let Err(ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        )) = &claims
        {
            // Google may have started to sign with a new key.
            metadata = provider.fresh_metadata(now).await?;
            claims = verify_id_token(ctx, &metadata, &ours, &token, flow);
        }
        let claims = claims.map_err(|error| {
            tracing::warn!(why = %error, "an ID token was refused");
            Error::GoogleRefused
        })?;
        identity_from_claims(&claims, &ours)
    })
    .await
}

async fn exchange_code(
    client: Client,
    http: &HttpClient,
    flow: &PendingAuthorization,
    code: String,
) -> Result<IdToken> {
    let tokens = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(Error::internal)?
        .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.clone()))
        .request_async(http)
        .await
        .map_err(exchange_error)?;
    tokens.id_token().cloned().ok_or(Error::GoogleRefused)
}

/// Maps a failed exchange to an error. It never quotes a response, which may contain tokens.
fn exchange_error(error: CoreRequestTokenError<HttpsError>) -> Error {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            CoreErrorResponseType::InvalidGrant => Error::GoogleRefused,
            CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                Error::internal("the OpenID provider doesn't know the client, or its secret")
            }
            CoreErrorResponseType::InvalidRequest
            | CoreErrorResponseType::InvalidScope
            | CoreErrorResponseType::UnsupportedGrantType => {
                Error::internal("the OpenID provider doesn't understand the request for a token")
            }
            CoreErrorResponseType::Extension(_) => {
                Error::Unavailable("the OpenID provider gives no token".into())
            }
        },
        RequestTokenError::Request(error) => Error::Unavailable(Box::new(error)),
        // The response has an ID token without the required claims.
        RequestTokenError::Parse(_, answer) if has_id_token(&answer) => Error::GoogleRefused,
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Error::Unavailable("the OpenID provider's answer isn't a token".into())
        }
    }
}

fn has_id_token(answer: &[u8]) -> bool {
    let answer = serde_json::from_slice::<serde_json::Value>(answer);
    answer.is_ok_and(|answer| answer.get("id_token").is_some())
}

/// Verifies signature, algorithm, issuer, audience, expiry and nonce of an ID token.
fn verify_id_token(
    ctx: &Context,
    metadata: &ProviderMetadata,
    ours: &GoogleCredentials,
    token: &IdToken,
    flow: &PendingAuthorization,
) -> Result<IdTokenClaims, ClaimsVerificationError> {
    let client = client(ctx, metadata, ours)
        .map_err(|_| ClaimsVerificationError::Other("no client".to_owned()))?;
    let now = ctx.now();
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256])
        .set_other_audience_verifier_fn(|_| false)
        .set_time_fn(move || to_chrono(now));
    token.claims(&verifier, &Nonce::new(flow.nonce.clone())).cloned()
}

/// Converts a time for the verifier. A time out of range becomes the latest one, for which every token has
/// expired.
fn to_chrono(now: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(now.seconds(), 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn identity_from_claims(
    claims: &IdTokenClaims,
    ours: &GoogleCredentials,
) -> Result<GoogleIdentity> {
    // The authorized party (`azp`) tells which client requested the token. A token that another client
    // requested is refused, although its audience is ours.
    let is_own = |party: &openidconnect::ClientId| party.as_str() == ours.client_id;
    if !claims.authorized_party().is_none_or(is_own) {
        tracing::warn!("an ID token was refused: it was issued to another party");
        return Err(Error::GoogleRefused);
    }
    let subject = claims.subject().as_str();
    if subject.is_empty() || subject.len() > MAX_SUBJECT_LEN {
        return Err(Error::GoogleRefused);
    }
    let email = claims.email().and_then(|email| EmailAddress::parse(email).ok());
    let name = claims.name().and_then(|name| name.get(None));
    Ok(GoogleIdentity {
        issuer: claims.issuer().as_str().to_owned(),
        subject: subject.to_owned(),
        email,
        email_verified: claims.email_verified().unwrap_or(false),
        hosted_domain: claims.additional_claims().hd.clone(),
        auth_time: claims.auth_time().map(|at| Timestamp::from_seconds(at.timestamp())),
        name: name.and_then(|name| Name::parse(name).ok()),
    })
}
