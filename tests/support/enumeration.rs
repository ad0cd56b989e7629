//! The parts of a reply that must not reveal whether an account exists.

use crate::Reply;

/// Returns the parts of a reply that could tell one address from another. The headers include the
/// number of database calls. The trips are left out because overlapping varies, and the size is
/// left out because it depends on the length of the address.
pub fn comparable_parts(reply: &Reply) -> (String, Vec<(String, String)>) {
    let mut headers: Vec<_> = reply
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
        .map(|(name, value)| {
            let value = value.to_str().unwrap();
            (name.to_string(), value.split(";trips").next().unwrap().to_owned())
        })
        .collect();
    headers.sort();
    (reply.text.clone(), headers)
}
