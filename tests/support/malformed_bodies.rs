//! Request bodies that are refused before they are parsed as the request of a route.

/// Lists bodies that every call refuses, with their content type and the expected error.
pub fn malformed_bodies() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let big = format!("{{\"name\":\"{}\"}}", "x".repeat(1 << 20));
    let just_over = format!("{{\"x\":\"{}\"}}", "x".repeat(64 * 1024));
    vec![
        ("application/json", vec![], 400, "INVALID_JSON"),
        ("application/json", b"   ".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"null".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"[]".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"\"dev@example.com\"".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"{\"email\":".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"{\"email\":\"\xff\xfe@example.com\"}".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"{\"email\":\"\\ud800@example.com\"}".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"{\"email\":\"a\0@example.com\"}".to_vec(), 400, "INVALID_JSON"),
        (
            "application/json",
            b"{\"email\":\"a@b.co\",\"email\":\"c@d.co\"}".to_vec(),
            400,
            "INVALID_JSON",
        ),
        (
            "application/json",
            [b"[".repeat(30_000), b"]".repeat(30_000)].concat(),
            400,
            "INVALID_JSON",
        ),
        ("application/json", big.into_bytes(), 413, "BODY_TOO_LARGE"),
        ("application/json", just_over.into_bytes(), 413, "BODY_TOO_LARGE"),
        ("text/plain", b"{}".to_vec(), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            "application/x-www-form-urlencoded",
            b"email=a%40b.co".to_vec(),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("", b"{}".to_vec(), 415, "UNSUPPORTED_MEDIA_TYPE"),
    ]
}
