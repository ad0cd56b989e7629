//! The id with which AWS follows a request through its services.

/// Returns the id of the trace from a value of `X-Amzn-Trace-Id`, such as `1-5759e988-bd862e3fe1be46a994272793`. `None`
/// if it has another form: a client can choose the value, so it is checked before it is logged.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
pub fn parse_trace_id(header: &str) -> Option<&str> {
    let root = header.split(';').find_map(|field| field.trim().strip_prefix("Root="))?;
    let mut parts = root.split('-');
    let is_hex = |part: Option<&str>, length| {
        part.is_some_and(|part: &str| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    let is_trace_id = parts.next() == Some("1")
        && is_hex(parts.next(), 8)
        && is_hex(parts.next(), 24)
        && parts.next().is_none();
    is_trace_id.then_some(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_root_of_the_header() {
        let id = "1-5759e988-bd862e3fe1be46a994272793";
        for header in [
            format!("Root={id}"),
            format!("Root={id};Parent=53995c3f42cd8ad8;Sampled=1"),
            format!("Self=1-63441c4a-abcdef012345678912345678;Root={id}"),
        ] {
            assert_eq!(parse_trace_id(&header), Some(id), "{header}");
        }
    }

    #[test]
    fn other_texts_are_no_ids() {
        for header in [
            "",
            "Root=",
            "1-5759e988-bd862e3fe1be46a994272793",
            "Root=2-5759e988-bd862e3fe1be46a994272793",
            "Root=1-5759e988-ada@example.com000000000",
            "Root=1-5759e988-bd862e3fe1be46a994272793-1",
            "Root=1-5759e98-bd862e3fe1be46a9942727930",
        ] {
            assert_eq!(parse_trace_id(header), None, "{header}");
        }
    }
}
