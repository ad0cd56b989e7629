//! Replies as text for inline snapshots.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{Reply, TestApp};

/// Replaces what differs from run to run, and numbers different values of one kind.
struct Redaction {
    now: i64,
    seen: BTreeMap<&'static str, Vec<String>>,
}

impl TestApp {
    /// Returns the status and the JSON body of a reply, for `insta::assert_snapshot!`.
    ///
    /// Ids and tokens become `[usr]`, `[token]` and so on; a second one of the same kind becomes `[usr 2]`. Times are
    /// relative to the frozen clock: `[now]`, `[now + 60 s]`.
    pub async fn snapshot(&self, reply: &Reply) -> String {
        let mut redaction = Redaction { now: self.now().await, seen: BTreeMap::new() };
        let mut body = reply.json();
        // Another crate may make serde_json keep the order of the response.
        body.sort_all_objects();
        redaction.redact(&mut body);
        format!("{}\n{}", reply.status, serde_json::to_string_pretty(&body).unwrap())
    }
}

impl Redaction {
    /// Redacts a value and everything inside it.
    fn redact(&mut self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    match field.as_i64() {
                        Some(time) if is_time(name) => *field = json!(self.relative(time)),
                        _ => self.redact(field),
                    }
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.redact(value)),
            Value::String(text) => {
                if let Some(kind) = random_kind(text) {
                    *text = self.placeholder(kind, text);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Writes a time relative to the clock.
    fn relative(&self, time: i64) -> String {
        match time - self.now {
            0 => "[now]".to_owned(),
            later @ 1.. => format!("[now + {later} s]"),
            earlier => format!("[now - {} s]", -earlier),
        }
    }

    /// Returns the placeholder of a value, which is the same wherever the value appears.
    fn placeholder(&mut self, kind: &'static str, text: &str) -> String {
        let seen = self.seen.entry(kind).or_default();
        let index = seen.iter().position(|one| one == text).unwrap_or_else(|| {
            seen.push(text.to_owned());
            seen.len() - 1
        });
        if index == 0 { format!("[{kind}]") } else { format!("[{kind} {}]", index + 1) }
    }
}

/// Returns whether a field of that name holds a time.
fn is_time(name: &str) -> bool {
    name.ends_with("_at") || name.ends_with("_start") || name.ends_with("_end")
}

/// Returns the kind of an id or token, if the text is one.
fn random_kind(text: &str) -> Option<&'static str> {
    const IDS: [&str; 9] = ["usr", "client", "proj", "art", "run", "inv", "ses", "txn", "evt"];
    if text.starts_with("eyJ") {
        return Some("session token");
    }
    if text.starts_with("aius_…") {
        return Some("masked token");
    }
    let (kind, random) = text.split_once('_')?;
    let is_random = random.len() >= 16
        && random.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if !is_random {
        return None;
    }
    if kind == "aius" { Some("token") } else { IDS.into_iter().find(|id| *id == kind) }
}
