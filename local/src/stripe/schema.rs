//! What Stripe's description says of a call's parameters, and refusals of what it doesn't say.

use serde_json::{Map, Value};

use super::refusal::Refusal;

type Checked = Result<(), Refusal>;

/// Most keys of a `metadata`, and longest key and value in characters.
const METADATA: (usize, usize, usize) = (50, 40, 500);

/// Whether the parameters are what the schema describes.
pub(super) fn check(schema: &Value, parameters: &Value) -> Checked {
    object("", schema, parameters)
}

fn value(name: &str, schema: &Value, value: &Value) -> Checked {
    if let Some(choices) = schema["anyOf"].as_array() {
        let fits = |choice: &&Value| is_object(choice) == value.is_object();
        let mut first = None;
        let choices = choices.iter().filter(fits).chain(choices.iter().filter(|c| !fits(c)));
        for choice in choices {
            match self::value(name, choice, value) {
                Ok(()) => return Ok(()),
                Err(refusal) => first = first.or(Some(refusal)),
            }
        }
        return first.map_or(Ok(()), Err);
    }
    match schema["type"].as_str() {
        Some("object") => object(name, schema, value),
        Some("array") => list(name, schema, value),
        Some(kind) => scalar(name, kind, schema, value),
        None => Ok(()),
    }
}

fn is_object(schema: &Value) -> bool {
    schema["type"] == "object"
}

fn object(name: &str, schema: &Value, given: &Value) -> Checked {
    let Value::Object(given) = given else { return Err(invalid("Invalid object", name)) };
    let none = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&none);
    for key in given.keys().filter(|key| !properties.contains_key(*key)) {
        if !schema["additionalProperties"].is_object() {
            return Err(unknown(&below(name, key)));
        }
    }
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !given.contains_key(required) {
            return Err(missing(&below(name, required)));
        }
    }
    if properties.is_empty() && schema["additionalProperties"].is_object() {
        return metadata(name, given);
    }
    given.iter().try_for_each(|(key, inner)| value(&below(name, key), &properties[key], inner))
}

fn metadata(name: &str, given: &Map<String, Value>) -> Checked {
    let (most, longest_key, longest_value) = METADATA;
    if given.len() > most {
        return Err(invalid(&format!("Metadata can have up to {most} keys"), name));
    }
    for (key, value) in given {
        let name = below(name, key);
        let Some(text) = value.as_str() else { return Err(invalid("Invalid string", &name)) };
        if key.chars().count() > longest_key {
            return Err(invalid(&format!("Keys can have up to {longest_key} characters"), &name));
        }
        if text.chars().count() > longest_value {
            return Err(invalid(
                &format!("Values can have up to {longest_value} characters"),
                &name,
            ));
        }
    }
    Ok(())
}

fn list(name: &str, schema: &Value, given: &Value) -> Checked {
    let Value::Array(given) = given else { return Err(invalid("Invalid array", name)) };
    let each = |(at, inner)| value(&below(name, &format!("{at}")), &schema["items"], inner);
    given.iter().enumerate().try_for_each(each)
}

fn scalar(name: &str, kind: &str, schema: &Value, given: &Value) -> Checked {
    let Value::String(text) = given else { return Err(invalid(&format!("Invalid {kind}"), name)) };
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
    match kind {
        "integer" if text.parse::<i64>().is_err() => {
            let refusal = invalid(&format!("Invalid integer: {text}"), name);
            Err(refusal.with_code("parameter_invalid_integer"))
        }
        "number" if text.parse::<f64>().is_err() => {
            Err(invalid(&format!("Invalid decimal: {text}"), name))
        }
        "boolean" if text != "true" && text != "false" => {
            Err(invalid(&format!("Invalid boolean: {text}"), name))
        }
        _ => match schema["maxLength"].as_u64() {
            Some(most) if text.chars().count() as u64 > most => {
                Err(invalid(&format!("Invalid string: must be at most {most} characters"), name))
            }
            Some(_) | None => Ok(()),
        },
    }
}

fn below(name: &str, key: &str) -> String {
    if name.is_empty() { key.to_owned() } else { format!("{name}[{key}]") }
}

fn invalid(message: &str, name: &str) -> Refusal {
    Refusal::invalid(message).with_param(name)
}

/// A parameter that the call doesn't take.
pub(super) fn unknown(name: &str) -> Refusal {
    invalid(&format!("Received unknown parameter: {name}"), name).with_code("parameter_unknown")
}

/// A parameter that the call can't do without.
pub(super) fn missing(name: &str) -> Refusal {
    invalid(&format!("Missing required param: {name}."), name).with_code("parameter_missing")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stripe::parameters::parse;
    use crate::stripe::public::Public;

    fn refused(method: &str, path: &str, parameters: &str) -> (Option<String>, String) {
        let public = Public::read().unwrap();
        let schema = public.parameters(method, path);
        let refusal = check(&schema, &parse(parameters.as_bytes()).unwrap()).unwrap_err();
        let code = refusal.error.get("code").map(|code| code.as_str().unwrap().to_owned());
        (code, refusal.error["param"].as_str().unwrap().to_owned())
    }

    #[test]
    fn what_the_description_does_not_say_is_refused() {
        let code = |code: &str, param: &str| (Some(code.to_owned()), param.to_owned());
        let sessions = "/v1/checkout/sessions";
        let good = "success_url=https://a.example&mode=payment";
        assert_eq!(
            refused("post", "/v1/customers", "colour=red"),
            code("parameter_unknown", "colour")
        );
        assert_eq!(
            refused("post", sessions, &format!("{good}&line_items[0][colour]=1")),
            code("parameter_unknown", "line_items[0][colour]")
        );
        assert_eq!(
            refused("post", sessions, "mode=payment"),
            code("parameter_missing", "success_url")
        );
        assert_eq!(
            refused("post", sessions, &format!("{good}&line_items[0][quantity]=many")),
            code("parameter_invalid_integer", "line_items[0][quantity]")
        );
        assert_eq!(
            refused("post", sessions, "success_url=https://a.example&mode=gift"),
            (None, "mode".to_owned())
        );
        assert_eq!(
            refused("post", "/v1/billing_portal/sessions", "customer="),
            code("parameter_invalid_empty", "customer")
        );
        let long = format!("metadata[{}]=x", "k".repeat(41));
        assert_eq!(refused("post", "/v1/customers", &long).0, None);
    }

    #[test]
    fn what_it_says_passes() {
        let public = Public::read().unwrap();
        let sent = parse(b"mode=subscription&customer=cus_1&success_url=https://a.example/x&cancel_url=https://a.example/y\
            &line_items[0][price]=price_1&line_items[0][quantity]=1&metadata[client_id]=c\
            &subscription_data[metadata][client_id]=c&client_reference_id=c&expand[]=line_items").unwrap();
        check(&public.parameters("post", "/v1/checkout/sessions"), &sent).unwrap();
        let sent =
            parse(b"created[gte]=1&limit=100&types[]=invoice.paid&delivery_success=false").unwrap();
        check(&public.parameters("get", "/v1/events"), &sent).unwrap();
        check(&public.parameters("get", "/v1/events"), &parse(b"created=1").unwrap()).unwrap();
    }
}
