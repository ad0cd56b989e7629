//! The schedules of the template.

use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// A schedule that invokes a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// The name of the event in the template.
    pub(crate) name: String,
    pub(crate) every: Duration,
    /// The JSON payload of the invocation.
    pub(crate) input: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Properties {
    schedule: String,
    /// Required, because no function reads the event that EventBridge sends without it.
    input: String,
}

impl Schedule {
    /// Reads the properties of a schedule event.
    ///
    /// # Errors
    /// A message if the rate is not supported or the input is not JSON.
    pub(super) fn read(name: String, properties: Properties) -> Result<Self, String> {
        let Properties { schedule, input } = properties;
        let every = rate(&schedule).ok_or_else(|| {
            format!("{name}: the local stack does not support the schedule {schedule}")
        })?;
        serde_json::from_str::<IgnoredAny>(&input)
            .map_err(|error| format!("{name}: its Input is not JSON: {error}"))?;
        Ok(Self { name, every, input })
    }
}

/// Parses a rate such as `rate(1 day)` or `rate(5 minutes)`. As in EventBridge, the unit must agree with the
/// number.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>
fn rate(text: &str) -> Option<Duration> {
    let (number, unit) = text.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
    let singular = if number == 1 { unit } else { unit.strip_suffix('s')? };
    let seconds = match singular {
        "minute" => 60,
        "hour" => 60 * 60,
        "day" => 24 * 60 * 60,
        _ => return None,
    };
    Some(Duration::from_secs(u64::from(number) * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_eventbridge_reads_them() {
        for (text, seconds) in
            [("rate(1 day)", 86_400), ("rate(12 hours)", 43_200), ("rate(5 minutes)", 300)]
        {
            assert_eq!(rate(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "rate(0 days)",
            "rate(1 days)",
            "rate(2 day)",
            "rate(-1 days)",
            "rate(1 week)",
            "rate(1day)",
            "cron(0 4 * * ? *)",
            "",
        ] {
            assert_eq!(rate(text), None, "{text}");
        }
    }
}
