//! The table of the template.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// The settings of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) attribute_definitions: Vec<AttributeDefinition>,
    pub(crate) key_schema: Vec<KeyPart>,
    #[serde(default)]
    pub(crate) global_secondary_indexes: Vec<Index>,
    pub(crate) time_to_live_specification: TimeToLive,
    pub(crate) stream_specification: Stream,

    // These settings affect the cost and durability of a table, not its responses.
    #[serde(rename = "BillingMode")]
    _billing_mode: PayPerRequest,
    #[serde(rename = "WarmThroughput", default)]
    _warm_throughput: IgnoredAny,
    #[serde(rename = "PointInTimeRecoverySpecification", default)]
    _point_in_time_recovery: IgnoredAny,
    #[serde(rename = "SSESpecification", default)]
    _encryption: IgnoredAny,
    #[serde(rename = "DeletionProtectionEnabled", default)]
    _deletion_protection: IgnoredAny,
}

/// An attribute of a key.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AttributeDefinition {
    pub(crate) attribute_name: String,
    pub(crate) attribute_type: String,
}

/// The role of an attribute in a key.
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

/// The attributes that an index copies.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Projection {
    pub(crate) projection_type: String,
    pub(crate) non_key_attributes: Option<Vec<String>>,
}

/// The time-to-live setting.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct TimeToLive {
    pub(crate) attribute_name: String,
    pub(crate) enabled: bool,
}

/// The stream setting.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Stream {
    pub(crate) stream_view_type: String,
}

/// The only supported billing mode, because the local stack does not throttle.
#[derive(Clone, Debug, Deserialize)]
enum PayPerRequest {
    #[serde(rename = "PAY_PER_REQUEST")]
    PayPerRequest,
}
