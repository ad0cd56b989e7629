//! The types of Google's ID tokens, which have a claim that the standard does not know.

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IdTokenFields, StandardErrorResponse, StandardTokenResponse,
};
use serde::{Deserialize, Serialize};

/// The claims of Google that the standard does not define.
/// <https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload>
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct GoogleClaims {
    /// The domain of the Google Workspace organization that hosts the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hd: Option<String>,
}

impl AdditionalClaims for GoogleClaims {}

/// An ID token of Google.
pub(super) type IdToken = openidconnect::IdToken<
    GoogleClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// The claims of a verified ID token.
pub(super) type IdTokenClaims = openidconnect::IdTokenClaims<GoogleClaims, CoreGenderClaim>;

type TokenFields = IdTokenFields<
    GoogleClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// An OAuth client with the endpoints from the provider's metadata.
pub(super) type Client = openidconnect::Client<
    GoogleClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<TokenFields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
