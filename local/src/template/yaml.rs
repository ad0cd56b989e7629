//! Converts YAML with `CloudFormation`'s short forms to JSON with its long forms.

use serde_json::{Map, Value};
use serde_norway::Value as Yaml;

/// Parses YAML. As in `CloudFormation`, `!Ref X` becomes `{"Ref":"X"}`.
///
/// # Errors
/// A message if the text is not YAML or uses an unsupported function.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    to_json(serde_norway::from_str(text).map_err(|error| error.to_string())?)
}

fn to_json(yaml: Yaml) -> Result<Value, String> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(value) => serde_json::to_value(value).map_err(|error| error.to_string())?,
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => {
            Value::Array(items.into_iter().map(to_json).collect::<Result<_, _>>()?)
        }
        Yaml::Mapping(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| match name.as_str() {
                    Some(text) => Ok((text.to_owned(), to_json(value)?)),
                    None => Err(format!("a key is not a text: {name:?}")),
                })
                .collect::<Result<_, _>>()?,
        ),
        Yaml::Tagged(tagged) => {
            let long_form = match tagged.tag.to_string().as_str() {
                "!Ref" => "Ref",
                "!GetAtt" => "Fn::GetAtt",
                "!Sub" => "Fn::Sub",
                "!Select" => "Fn::Select",
                "!Split" => "Fn::Split",
                // Conditions, which settings that the local stack reads do not have.
                "!If" => "Fn::If",
                "!Not" => "Fn::Not",
                "!And" => "Fn::And",
                "!Or" => "Fn::Or",
                "!Condition" => "Condition",
                "!Equals" => "Fn::Equals",
                other => return Err(format!("the local stack does not support {other}")),
            };
            Value::Object(Map::from_iter([(long_form.to_owned(), to_json(tagged.value)?)]))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn short_forms_become_long_ones() {
        let text =
            "A: !Ref Table\nB: [!GetAtt Table.Arn, 'x']\nC: {D: !Sub 'a/${B}', E: 10, F: true}\n";
        assert_eq!(
            parse(text).unwrap(),
            json!({
                "A": {"Ref": "Table"},
                "B": [{"Fn::GetAtt": "Table.Arn"}, "x"],
                "C": {"D": {"Fn::Sub": "a/${B}"}, "E": 10, "F": true},
            })
        );
    }

    #[test]
    fn an_unknown_function_is_named() {
        assert_eq!(parse("A: !Cidr [x, 1]").unwrap_err(), "the local stack does not support !Cidr");
    }
}
