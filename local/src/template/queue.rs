//! The FIFO queues of the template and their mappings to functions.

use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::read::read;
use super::response_type::ResponseType;

/// The settings of a FIFO queue that the local stack follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueueSettings {
    /// The time during which a received message is hidden.
    pub(crate) visibility_timeout: Duration,
    /// The number of receives after which a message becomes a dead letter.
    pub(crate) max_receives: u32,
    /// The name of the queue of its dead letters in the template.
    pub(crate) dead_letters: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    visibility_timeout: u64,
    redrive_policy: RedrivePolicy,
    // The local stack has ids for the deduplication, and no encryption.
    #[serde(rename = "FifoQueue")]
    _fifo_queue: IgnoredAny,
    #[serde(rename = "DeduplicationScope", default)]
    _deduplication_scope: IgnoredAny,
    #[serde(rename = "FifoThroughputLimit", default)]
    _throughput_limit: IgnoredAny,
    #[serde(rename = "MessageRetentionPeriod", default)]
    _retention: IgnoredAny,
    #[serde(rename = "SqsManagedSseEnabled", default)]
    _encryption: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: Value,
    max_receive_count: u32,
}

impl QueueSettings {
    /// Reads the properties of a queue; `None` if no function reads it, because it holds dead letters.
    pub(super) fn read(name: &str, properties: &Value) -> Result<Option<Self>, String> {
        if properties["FifoQueue"] != true || properties["RedrivePolicy"].is_null() {
            return Ok(None);
        }
        let properties: Properties = read(name, properties.clone())?;
        let RedrivePolicy { dead_letter_target_arn, max_receive_count } = properties.redrive_policy;
        let dead_letters = queue_of_arn(&dead_letter_target_arn);
        let dead_letters = dead_letters.ok_or_else(|| {
            format!("{name}: a queue of dead letters that is not of the template")
        })?;
        Ok(Some(Self {
            visibility_timeout: Duration::from_secs(properties.visibility_timeout),
            max_receives: max_receive_count,
            dead_letters: dead_letters.to_owned(),
        }))
    }
}

/// Returns the name of the queue whose ARN this is.
fn queue_of_arn(arn: &Value) -> Option<&str> {
    arn["Fn::GetAtt"].as_str()?.strip_suffix(".Arn")
}

/// A mapping from a queue to a function.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct QueueSource {
    queue: Value,
    batch_size: usize,
    function_response_types: Vec<ResponseType>,
}

impl QueueSource {
    /// Returns the name of the queue in the template.
    ///
    /// # Errors
    /// A message that names the unsupported setting.
    pub(crate) fn queue(&self, function: &str) -> Result<&str, String> {
        let name = queue_of_arn(&self.queue)
            .ok_or_else(|| format!("{function}: a queue that is not of the template"))?;
        if self.function_response_types != [ResponseType::ReportBatchItemFailures] {
            return Err(format!("{function}: a queue without ReportBatchItemFailures"));
        }
        if self.batch_size != 1 {
            return Err(format!("{function}: a batch of a queue that is not one message"));
        }
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_settings_of_a_fifo_queue_are_read() {
        let letters = json!({"Fn::GetAtt": "Letters.Arn"});
        let redrive = json!({"deadLetterTargetArn": letters, "maxReceiveCount": 20});
        let queue = json!({"FifoQueue": true, "VisibilityTimeout": 360, "RedrivePolicy": redrive});
        let settings = QueueSettings::read("Q", &queue).unwrap().unwrap();
        assert_eq!((settings.visibility_timeout.as_secs(), settings.max_receives), (360, 20));
        assert_eq!(settings.dead_letters, "Letters");
        assert_eq!(QueueSettings::read("Q", &json!({"FifoQueue": true})), Ok(None));
        let mut delayed = queue.clone();
        delayed["DelaySeconds"] = 5.into();
        assert!(QueueSettings::read("Q", &delayed).is_err());
        let mut foreign = queue;
        foreign["RedrivePolicy"]["deadLetterTargetArn"] = "arn:aws:sqs:x".into();
        assert!(QueueSettings::read("Q", &foreign).is_err());
    }

    #[test]
    fn a_mapping_of_single_messages_is_supported() {
        let source = |queue: Value, size: usize| -> QueueSource {
            let source = json!({"Queue": queue, "BatchSize": size,
                "FunctionResponseTypes": ["ReportBatchItemFailures"]});
            serde_json::from_value(source).unwrap()
        };
        let arn = json!({"Fn::GetAtt": "Work.Arn"});
        assert_eq!(source(arn.clone(), 1).queue("F"), Ok("Work"));
        assert!(source(arn, 2).queue("F").is_err());
        assert!(source(json!("arn:aws:sqs:x"), 1).queue("F").is_err());
    }
}
