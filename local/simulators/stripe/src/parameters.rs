//! Parameters of forms and query strings, nested in Stripe's notation: `a[b][0][c]=d`.

use serde_json::{Map, Value};

/// Parses parameters into objects, arrays and strings.
///
/// Returns `None` if names contradict each other, such as `a=1&a[b]=2`.
pub(crate) fn parse(encoded: &[u8]) -> Option<Value> {
    let mut parameters = Map::new();
    for (name, value) in form_urlencoded::parse(encoded) {
        insert(&mut parameters, &split_name(&name), &value)?;
    }
    Some(convert_arrays(Value::Object(parameters)))
}

/// Splits `a[b][]` into `a`, `b` and an empty string.
fn split_name(name: &str) -> Vec<&str> {
    match name.split_once('[') {
        Some((first, rest)) if rest.ends_with(']') => {
            let rest = rest.strip_suffix(']').unwrap_or(rest);
            std::iter::once(first).chain(rest.split("][")).collect()
        }
        Some(_) | None => vec![name],
    }
}

fn insert(into: &mut Map<String, Value>, parts: &[&str], value: &str) -> Option<()> {
    let (first, rest) = parts.split_first()?;
    // `a[]` appends to an array.
    let key = if first.is_empty() { into.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        return match into.insert(key, value.into()) {
            None | Some(Value::String(_)) => Some(()),
            Some(_) => None,
        };
    }
    let nested = into.entry(key).or_insert_with(|| Value::Object(Map::new()));
    insert(nested.as_object_mut()?, rest, value)
}

/// Converts objects whose keys are all numbers into arrays.
fn convert_arrays(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let numbers: Option<Vec<u32>> = fields.keys().map(|key| key.parse().ok()).collect();
    let fields = fields.into_iter().map(|(key, value)| (key, convert_arrays(value)));
    match numbers {
        Some(numbers) if !numbers.is_empty() => {
            let mut items: Vec<_> =
                numbers.into_iter().zip(fields.map(|(_, value)| value)).collect();
            items.sort_by_key(|(number, _)| *number);
            Value::Array(items.into_iter().map(|(_, value)| value).collect())
        }
        Some(_) | None => Value::Object(fields.collect()),
    }
}

/// Returns the text of a parameter. An empty parameter counts as missing.
pub(crate) fn text<'p>(parameters: &'p Value, pointer: &str) -> Option<&'p str> {
    parameters.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Returns the integer in a parameter.
pub(crate) fn number(parameters: &Value, pointer: &str) -> Option<i64> {
    text(parameters, pointer)?.parse().ok()
}

/// Returns whether a parameter is `true`.
pub(crate) fn is_true(parameters: &Value, pointer: &str) -> bool {
    text(parameters, pointer) == Some("true")
}

/// Returns the metadata in a parameter without empty values. Missing metadata is an empty object.
pub(crate) fn metadata(parameters: &Value, pointer: &str) -> Value {
    let fields =
        parameters.pointer(pointer).and_then(Value::as_object).cloned().unwrap_or_default();
    Value::Object(fields.into_iter().filter(|(_, value)| value.as_str() != Some("")).collect())
}

/// Applies changes to metadata. An empty value removes a key, and an empty parameter removes all keys.
pub(crate) fn merge_metadata(current: &Value, changes: &Value) -> Value {
    let mut merged: Map<String, Value> = current.as_object().cloned().unwrap_or_default();
    match changes.as_object() {
        Some(changes) => merged.extend(changes.clone()),
        None => merged.clear(),
    }
    Value::Object(merged.into_iter().filter(|(_, value)| value != "").collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_nested() {
        let parsed = parse(b"mode=payment&line_items[0][price_data][currency]=usd\
            &line_items[0][quantity]=1&line_items%5B1%5D%5Bprice%5D=p&metadata[a%20b]=c%26&expand[]=x&expand[]=y");
        let expected = json!({
            "mode": "payment",
            "line_items": [{"price_data": {"currency": "usd"}, "quantity": "1"}, {"price": "p"}],
            "metadata": {"a b": "c&"},
            "expand": ["x", "y"],
        });
        assert_eq!(parsed, Some(expected));
        assert_eq!(parse(b""), Some(json!({})));
    }

    #[test]
    fn arrays_are_sorted_by_index() {
        assert_eq!(parse(b"a[10]=z&a[2]=y&a[0]=x"), Some(json!({"a": ["x", "y", "z"]})));
        assert_eq!(parse(b"created[gte]=5"), Some(json!({"created": {"gte": "5"}})));
    }

    #[test]
    fn contradicting_names_are_refused() {
        assert_eq!(parse(b"a=1&a[b]=2"), None);
        assert_eq!(parse(b"a[b]=2&a=1"), None);
        assert_eq!(parse(b"a[b=2"), Some(json!({"a[b": "2"})));
    }
}
