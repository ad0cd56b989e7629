//! The table of the template.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// The table's shape.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) attribute_definitions: Vec<AttributeDefinition>,
    pub(crate) key_schema: Vec<KeyPart>,
    #[serde(default)]
    pub(crate) global_secondary_indexes: Vec<Index>,
    pub(crate) time_to_live_specification: TimeToLive,
    pub(crate) stream_specification: Stream,

    // These change what a table costs and how it is kept, not how it answers.
    #[serde(rename = "BillingMode")]
    _billing_mode: PayPerRequest,
    #[serde(rename = "PointInTimeRecoverySpecification", default)]
    _point_in_time_recovery: IgnoredAny,
    #[serde(rename = "SSESpecification", default)]
    _encryption: IgnoredAny,
    #[serde(rename = "DeletionProtectionEnabled", default)]
    _deletion_protection: IgnoredAny,
}

/// An attribute that keys are made of.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AttributeDefinition {
    pub(crate) attribute_name: String,
    pub(crate) attribute_type: String,
}

/// One of a key's attributes.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct KeyPart {
    pub(crate) attribute_name: String,
    pub(crate) key_type: String,
}

/// A global secondary index.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Index {
    pub(crate) index_name: String,
    pub(crate) key_schema: Vec<KeyPart>,
    pub(crate) projection: Projection,
}

/// What an index holds of each item.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Projection {
    pub(crate) projection_type: String,
    pub(crate) non_key_attributes: Option<Vec<String>>,
}

/// Which attribute says when an item may go.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct TimeToLive {
    pub(crate) attribute_name: String,
    pub(crate) enabled: bool,
}

/// What the stream carries.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Stream {
    pub(crate) stream_view_type: String,
}

/// Provisioned capacity would throttle, which nothing here does.
#[derive(Clone, Debug, Deserialize)]
enum PayPerRequest {
    #[serde(rename = "PAY_PER_REQUEST")]
    PayPerRequest,
}
