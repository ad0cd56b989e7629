//! Parameters as Stripe nests them in forms and queries: `a[b][0][c]=d`.

use serde_json::{Map, Value};

/// What was sent, as an object of objects, lists and strings. `None` where names contradict each other,
/// such as `a=1&a[b]=2`.
pub(super) fn parse(text: &[u8]) -> Option<Value> {
    let mut all = Map::new();
    for (name, value) in form_urlencoded::parse(text) {
        put(&mut all, &parts(&name), &value)?;
    }
    Some(listed(Value::Object(all)))
}

/// `a[b][]` → `a`, `b`, and nothing.
fn parts(name: &str) -> Vec<&str> {
    match name.split_once('[') {
        Some((first, rest)) if rest.ends_with(']') => {
            let rest = rest.strip_suffix(']').unwrap_or(rest);
            std::iter::once(first).chain(rest.split("][")).collect()
        }
        Some(_) | None => vec![name],
    }
}

fn put(into: &mut Map<String, Value>, parts: &[&str], value: &str) -> Option<()> {
    let (first, rest) = parts.split_first()?;
    // `a[]` is the next of a list.
    let key = if first.is_empty() { into.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        return match into.insert(key, value.into()) {
            None | Some(Value::String(_)) => Some(()),
            Some(_) => None,
        };
    }
    let below = into.entry(key).or_insert_with(|| Value::Object(Map::new()));
    put(below.as_object_mut()?, rest, value)
}

/// The same with lists where all names are numbers.
fn listed(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let numbers: Option<Vec<u32>> = fields.keys().map(|key| key.parse().ok()).collect();
    let fields = fields.into_iter().map(|(key, value)| (key, listed(value)));
    match numbers {
        Some(numbers) if !numbers.is_empty() => {
            let mut all: Vec<_> = numbers.into_iter().zip(fields.map(|(_, value)| value)).collect();
            all.sort_by_key(|(number, _)| *number);
            Value::Array(all.into_iter().map(|(_, value)| value).collect())
        }
        Some(_) | None => Value::Object(fields.collect()),
    }
}

/// A parameter's text.
pub(super) fn text<'p>(parameters: &'p Value, pointer: &str) -> Option<&'p str> {
    parameters.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A parameter's whole number.
pub(super) fn number(parameters: &Value, pointer: &str) -> Option<i64> {
    text(parameters, pointer)?.parse().ok()
}

/// Whether a parameter is there and says yes.
pub(super) fn is_true(parameters: &Value, pointer: &str) -> bool {
    text(parameters, pointer) == Some("true")
}

/// A parameter's object of strings, empty where there is none; what is unset is left out.
pub(super) fn metadata(parameters: &Value, pointer: &str) -> Value {
    let fields =
        parameters.pointer(pointer).and_then(Value::as_object).cloned().unwrap_or_default();
    Value::Object(fields.into_iter().filter(|(_, value)| value.as_str() != Some("")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_nest() {
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
    fn lists_go_by_their_numbers() {
        assert_eq!(parse(b"a[10]=z&a[2]=y&a[0]=x"), Some(json!({"a": ["x", "y", "z"]})));
        assert_eq!(parse(b"created[gte]=5"), Some(json!({"created": {"gte": "5"}})));
    }

    #[test]
    fn names_that_contradict_each_other_are_none() {
        assert_eq!(parse(b"a=1&a[b]=2"), None);
        assert_eq!(parse(b"a[b]=2&a=1"), None);
        assert_eq!(parse(b"a[b=2"), Some(json!({"a[b": "2"})));
    }
}
