//! Validates parameters against the schema of Stripe's API description.

use serde_json::{Map, Value};

use crate::error::{ApiError, ApiResult};

/// The maximum number of keys in metadata.
const MAX_METADATA_KEYS: usize = 50;

/// The maximum length of a metadata key in characters.
const MAX_METADATA_KEY_LEN: usize = 40;

/// The maximum length of a metadata value in characters.
const MAX_METADATA_VALUE_LEN: usize = 500;

/// Checks that the parameters match the schema of a call.
///
/// # Errors
/// Fails with 400 for the first parameter that is unknown, missing or invalid.
pub(crate) fn check_parameters(schema: &Value, parameters: &Value) -> ApiResult<()> {
    check_object("", schema, parameters)
}

fn check_value(name: &str, schema: &Value, value: &Value) -> ApiResult<()> {
    if let Some(choices) = schema["anyOf"].as_array() {
        return check_any_of(name, choices, value);
    }
    match schema["type"].as_str() {
        Some("object") => check_object(name, schema, value),
        Some("array") => check_array(name, schema, value),
        Some(scalar_type) => check_scalar(name, scalar_type, schema, value),
        None => Ok(()),
    }
}

/// Checks that a value matches one of several schemas. The error is that of the most similar schema.
fn check_any_of(name: &str, choices: &[Value], value: &Value) -> ApiResult<()> {
    let is_similar = |choice: &&Value| (choice["type"] == "object") == value.is_object();
    let similar = choices.iter().filter(is_similar);
    let others = choices.iter().filter(|choice| !is_similar(choice));
    let mut first_error = None;
    for choice in similar.chain(others) {
        match check_value(name, choice, value) {
            Ok(()) => return Ok(()),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    first_error.map_or(Ok(()), Err)
}

fn check_object(name: &str, schema: &Value, given: &Value) -> ApiResult<()> {
    let Value::Object(given) = given else { return Err(invalid("Invalid object", name)) };
    let none = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&none);
    for key in given.keys().filter(|key| !properties.contains_key(*key)) {
        if !schema["additionalProperties"].is_object() {
            return Err(ApiError::unknown_parameter(&nested_name(name, key)));
        }
    }
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !given.contains_key(required) {
            return Err(ApiError::missing_parameter(&nested_name(name, required)));
        }
    }
    if properties.is_empty() && schema["additionalProperties"].is_object() {
        return check_metadata(name, given);
    }
    given
        .iter()
        .try_for_each(|(key, value)| check_value(&nested_name(name, key), &properties[key], value))
}

fn check_metadata(name: &str, given: &Map<String, Value>) -> ApiResult<()> {
    if given.len() > MAX_METADATA_KEYS {
        let message = format!("Metadata can have up to {MAX_METADATA_KEYS} keys");
        return Err(invalid(&message, name));
    }
    for (key, value) in given {
        let name = nested_name(name, key);
        let Some(text) = value.as_str() else { return Err(invalid("Invalid string", &name)) };
        if key.chars().count() > MAX_METADATA_KEY_LEN {
            let message = format!("Keys can have up to {MAX_METADATA_KEY_LEN} characters");
            return Err(invalid(&message, &name));
        }
        if text.chars().count() > MAX_METADATA_VALUE_LEN {
            let message = format!("Values can have up to {MAX_METADATA_VALUE_LEN} characters");
            return Err(invalid(&message, &name));
        }
    }
    Ok(())
}

fn check_array(name: &str, schema: &Value, given: &Value) -> ApiResult<()> {
    let Value::Array(given) = given else { return Err(invalid("Invalid array", name)) };
    let check_item = |(index, item)| {
        check_value(&nested_name(name, &format!("{index}")), &schema["items"], item)
    };
    given.iter().enumerate().try_for_each(check_item)
}

fn check_scalar(name: &str, scalar_type: &str, schema: &Value, given: &Value) -> ApiResult<()> {
    let Value::String(text) = given else {
        return Err(invalid(&format!("Invalid {scalar_type}"), name));
    };
    if let Some(known) = schema["enum"].as_array() {
        if known.iter().any(|known| known == text) {
            return Ok(());
        }
        let known: Vec<_> = known.iter().filter_map(Value::as_str).collect();
        return Err(invalid(&format!("Invalid {name}: must be one of {}", known.join(", ")), name));
    }
    if text.is_empty() {
        let message = format!(
            "You passed an empty string for '{name}'. We assume empty values are an attempt to unset \
             a parameter; however '{name}' cannot be unset. You should remove '{name}' from your \
             request or supply a non-empty value."
        );
        return Err(invalid(&message, name).with_code("parameter_invalid_empty"));
    }
    match scalar_type {
        "integer" if text.parse::<i64>().is_err() => {
            let error = invalid(&format!("Invalid integer: {text}"), name);
            Err(error.with_code("parameter_invalid_integer"))
        }
        "number" if text.parse::<f64>().is_err() => {
            Err(invalid(&format!("Invalid decimal: {text}"), name))
        }
        "boolean" if text != "true" && text != "false" => {
            Err(invalid(&format!("Invalid boolean: {text}"), name))
        }
        _ => match schema["maxLength"].as_u64() {
            Some(max) if text.chars().count() as u64 > max => {
                Err(invalid(&format!("Invalid string: must be at most {max} characters"), name))
            }
            Some(_) | None => Ok(()),
        },
    }
}

/// Returns the name of a nested parameter, such as `line_items[0]`.
fn nested_name(name: &str, key: &str) -> String {
    if name.is_empty() { key.to_owned() } else { format!("{name}[{key}]") }
}

fn invalid(message: &str, name: &str) -> ApiError {
    ApiError::invalid_request(message).with_param(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::ApiDescription;
    use crate::parameters::parse;

    /// Returns the code and the parameter name of the error for invalid parameters.
    fn check_invalid(method: &str, path: &str, parameters: &str) -> (Option<String>, String) {
        let description = ApiDescription::parse().unwrap();
        let schema = description.parameter_schema(method, path);
        let parameters = parse(parameters.as_bytes()).unwrap();
        let error = check_parameters(&schema, &parameters).unwrap_err();
        let code = error.fields.get("code").map(|code| code.as_str().unwrap().to_owned());
        (code, error.fields["param"].as_str().unwrap().to_owned())
    }

    #[test]
    fn parameters_outside_the_schema_are_refused() {
        let expected = |code: &str, param: &str| (Some(code.to_owned()), param.to_owned());
        let sessions = "/v1/checkout/sessions";
        let valid = "success_url=https://a.example&mode=payment";
        assert_eq!(
            check_invalid("post", "/v1/customers", "colour=red"),
            expected("parameter_unknown", "colour")
        );
        assert_eq!(
            check_invalid("post", sessions, &format!("{valid}&line_items[0][colour]=1")),
            expected("parameter_unknown", "line_items[0][colour]")
        );
        assert_eq!(
            check_invalid("post", sessions, "mode=payment"),
            expected("parameter_missing", "success_url")
        );
        assert_eq!(
            check_invalid("post", sessions, &format!("{valid}&line_items[0][quantity]=many")),
            expected("parameter_invalid_integer", "line_items[0][quantity]")
        );
        assert_eq!(
            check_invalid("post", sessions, "success_url=https://a.example&mode=gift"),
            (None, "mode".to_owned())
        );
        assert_eq!(
            check_invalid("post", "/v1/billing_portal/sessions", "customer="),
            expected("parameter_invalid_empty", "customer")
        );
        let long_key = format!("metadata[{}]=x", "k".repeat(41));
        assert_eq!(check_invalid("post", "/v1/customers", &long_key).0, None);
    }

    #[test]
    fn parameters_of_the_schema_are_accepted() {
        let description = ApiDescription::parse().unwrap();
        let parameters = parse(b"mode=subscription&customer=cus_1&success_url=https://a.example/x&cancel_url=https://a.example/y\
            &line_items[0][price]=price_1&line_items[0][quantity]=1&metadata[client_id]=c\
            &subscription_data[metadata][client_id]=c&client_reference_id=c&expand[]=line_items").unwrap();
        let sessions = description.parameter_schema("post", "/v1/checkout/sessions");
        check_parameters(&sessions, &parameters).unwrap();
        let parameters =
            parse(b"created[gte]=1&limit=100&types[]=invoice.paid&delivery_success=false").unwrap();
        let events = description.parameter_schema("get", "/v1/events");
        check_parameters(&events, &parameters).unwrap();
        check_parameters(&events, &parse(b"created=1").unwrap()).unwrap();
    }
}
