//! The way back: a code for an ID token, and the token for who somebody is.

use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreErrorResponseType, CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm,
    CoreRequestTokenError,
};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, Nonce, PkceCodeVerifier, RequestTokenError,
    SignatureVerificationError, TokenResponse,
};

use super::flow::Flow;
use super::http::{HttpClient, HttpError};
use super::identity::{Identity, LONGEST_SUBJECT};
use super::provider::{Metadata, Provider, patiently};
use super::{Client, client, client_of_ours};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::secrets::GoogleCredentials;
use crate::values::{EmailAddress, Name};

/// Exchanges the code that came back to this flow. [`Error::GoogleRefused`] for a code or a token that
/// isn't good; [`Error::Unavailable`] while Google can't be reached.
pub async fn exchange(
    ctx: &Context,
    provider: &Provider,
    flow: &Flow,
    code: String,
) -> Result<Identity> {
    let ours = client_of_ours(ctx).await?;
    patiently(async {
        let now = ctx.now();
        let mut metadata = provider.metadata(now).await?;
        let client = client(ctx, &metadata, &ours)?;
        let token = redeem(client, provider.http()?, flow, code).await?;
        let mut claims = verify(ctx, &metadata, &ours, &token, flow);
        if let Err(ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        )) = &claims
        {
            // The key may be a new one.
            metadata = provider.fresh_metadata(now).await?;
            claims = verify(ctx, &metadata, &ours, &token, flow);
        }
        let claims = claims.map_err(|error| {
            tracing::warn!(why = %error, "an ID token was refused");
            Error::GoogleRefused
        })?;
        identity(&claims, &ours)
    })
    .await
}

async fn redeem(
    client: Client,
    http: &HttpClient,
    flow: &Flow,
    code: String,
) -> Result<CoreIdToken> {
    let tokens = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(Error::internal)?
        .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.clone()))
        .request_async(http)
        .await
        .map_err(refused_or_failed)?;
    tokens.id_token().cloned().ok_or(Error::GoogleRefused)
}

/// Which is which, without quoting an answer that may hold tokens.
fn refused_or_failed(error: CoreRequestTokenError<HttpError>) -> Error {
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
        // A token that lacks what every ID token has.
        RequestTokenError::Parse(_, answer) if names_an_id_token(&answer) => Error::GoogleRefused,
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Error::Unavailable("the OpenID provider's answer isn't a token".into())
        }
    }
}

fn names_an_id_token(answer: &[u8]) -> bool {
    let answer = serde_json::from_slice::<serde_json::Value>(answer);
    answer.is_ok_and(|answer| answer.get("id_token").is_some())
}

/// Pins signature and algorithm, issuer, audience, time and nonce.
fn verify(
    ctx: &Context,
    metadata: &Metadata,
    ours: &GoogleCredentials,
    token: &CoreIdToken,
    flow: &Flow,
) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
    let client = client(ctx, metadata, ours)
        .map_err(|_| ClaimsVerificationError::Other("no client".to_owned()))?;
    let now = ctx.now();
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256])
        .set_other_audience_verifier_fn(|_| false)
        .set_time_fn(move || in_chrono(now));
    token.claims(&verifier, &Nonce::new(flow.nonce.clone())).cloned()
}

/// A time that can't be written has passed for every token.
fn in_chrono(now: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(now.seconds(), 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn identity(claims: &CoreIdTokenClaims, ours: &GoogleCredentials) -> Result<Identity> {
    // A token for our audience that somebody else asked for.
    let for_us = |party: &openidconnect::ClientId| party.as_str() == ours.client_id;
    if !claims.authorized_party().is_none_or(for_us) {
        tracing::warn!("an ID token was refused: it was issued to another party");
        return Err(Error::GoogleRefused);
    }
    let subject = claims.subject().as_str();
    if subject.is_empty() || subject.len() > LONGEST_SUBJECT {
        return Err(Error::GoogleRefused);
    }
    let email = claims.email().and_then(|email| EmailAddress::parse(email).ok());
    let name = claims.name().and_then(|name| name.get(None));
    Ok(Identity {
        issuer: claims.issuer().as_str().to_owned(),
        subject: subject.to_owned(),
        email,
        email_verified: claims.email_verified().unwrap_or(false),
        name: name.and_then(|name| Name::parse(name).ok()),
    })
}
