//! Creates the table that the template describes.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection,
    StreamSpecification, TableDescription, TimeToLiveSpecification,
};

use crate::StartError;
use crate::template::{Index, KeyPart, Table};

/// Creates the table unless it exists. Returns the ARN of its stream.
///
/// # Errors
/// [`StartError::OtherTable`] if the existing table has other keys or indexes, [`StartError::Aws`] if
/// DynamoDB refuses a call.
pub(crate) async fn ensure_table(
    sdk: &SdkConfig,
    name: &str,
    table: &Table,
) -> Result<String, StartError> {
    let client = Client::new(sdk);
    let wanted = TableSchema::from_template(table).map_err(StartError::aws)?;
    let description = match describe_table(&client, name).await? {
        Some(description) if wanted.matches(&description) => Some(description),
        Some(_) => return Err(StartError::OtherTable),
        None => create_table(&client, name, table, wanted).await?,
    };
    description
        .and_then(|description| description.latest_stream_arn)
        .ok_or_else(|| StartError::aws("the table has no stream"))
}

/// Deletes the table.
///
/// # Errors
/// [`StartError::Aws`] if DynamoDB refuses the call.
pub(crate) async fn delete_table(sdk: &SdkConfig, name: &str) -> Result<(), StartError> {
    let client = Client::new(sdk);
    let request = client.delete_table().table_name(name);
    request.send().await.map_err(StartError::aws)?;
    Ok(())
}

/// Returns the description of a table, or `None` if it does not exist.
async fn describe_table(
    client: &Client,
    name: &str,
) -> Result<Option<TableDescription>, StartError> {
    match client.describe_table().table_name(name).send().await {
        Ok(response) => Ok(response.table),
        Err(error) => match error.as_service_error() {
            Some(service) if service.is_resource_not_found_exception() => Ok(None),
            Some(_) | None => Err(StartError::aws(error)),
        },
    }
}

async fn create_table(
    client: &Client,
    name: &str,
    table: &Table,
    schema: TableSchema,
) -> Result<Option<TableDescription>, StartError> {
    let definitions = table.attribute_definitions.iter().map(|definition| {
        AttributeDefinition::builder()
            .attribute_name(&definition.attribute_name)
            .attribute_type(definition.attribute_type.as_str().into())
            .build()
    });
    let definitions = definitions.collect::<Result<_, _>>().map_err(StartError::aws)?;
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(table.stream_specification.stream_view_type.as_str().into())
        .build()
        .map_err(StartError::aws)?;
    let created = client
        .create_table()
        .table_name(name)
        .set_attribute_definitions(Some(definitions))
        .set_key_schema(Some(schema.key))
        .set_global_secondary_indexes((!schema.indexes.is_empty()).then_some(schema.indexes))
        .billing_mode(BillingMode::PayPerRequest)
        .stream_specification(stream)
        .send()
        .await
        .map_err(StartError::aws)?;
    let ttl = &table.time_to_live_specification;
    let ttl = TimeToLiveSpecification::builder()
        .attribute_name(&ttl.attribute_name)
        .enabled(ttl.enabled)
        .build()
        .map_err(StartError::aws)?;
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(ttl)
        .send()
        .await
        .map_err(StartError::aws)?;
    Ok(created.table_description)
}

/// The parts of a table that cannot be changed once it holds data: its keys and indexes.
struct TableSchema {
    key: Vec<KeySchemaElement>,
    indexes: Vec<GlobalSecondaryIndex>,
}

impl TableSchema {
    fn from_template(table: &Table) -> Result<Self, BuildError> {
        let indexes = table.global_secondary_indexes.iter().map(secondary_index);
        Ok(Self {
            key: key_schema(&table.key_schema)?,
            indexes: indexes.collect::<Result<_, _>>()?,
        })
    }

    fn matches(&self, table: &TableDescription) -> bool {
        let existing = table.global_secondary_indexes();
        self.key == table.key_schema()
            && self.indexes.len() == existing.len()
            && self.indexes.iter().all(|index| {
                existing.iter().any(|other| {
                    other.index_name() == Some(index.index_name())
                        && other.key_schema() == index.key_schema()
                })
            })
    }
}

fn key_schema(parts: &[KeyPart]) -> Result<Vec<KeySchemaElement>, BuildError> {
    let part = |part: &KeyPart| {
        KeySchemaElement::builder()
            .attribute_name(&part.attribute_name)
            .key_type(part.key_type.as_str().into())
            .build()
    };
    parts.iter().map(part).collect()
}

fn secondary_index(index: &Index) -> Result<GlobalSecondaryIndex, BuildError> {
    let projection = Projection::builder()
        .projection_type(index.projection.projection_type.as_str().into())
        .set_non_key_attributes(index.projection.non_key_attributes.clone())
        .build();
    GlobalSecondaryIndex::builder()
        .index_name(&index.index_name)
        .set_key_schema(Some(key_schema(&index.key_schema)?))
        .projection(projection)
        .build()
}
