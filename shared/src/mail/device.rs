//! What somebody used, in words of ours: a user agent is text that its sender chose, and whoever
//! types in somebody else's address must not get to write into the mail that goes there.

/// Programs by what their user agents contain, the more specific first: every browser names others.
const PROGRAMS: [(&str, &str); 10] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("aius", "the AIUS command line"),
    ("curl/", "curl"),
    ("python-", "a Python script"),
];

const SYSTEMS: [(&str, &str); 6] = [
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
];

/// `Firefox on Linux`, or `an unknown program`.
pub(crate) fn describe(user_agent: &str) -> String {
    let find = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    match (find(&PROGRAMS), find(&SYSTEMS)) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(program), None) => program.to_owned(),
        (None, _) => "an unknown program".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn browsers_and_command_lines_are_named() {
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like \
            Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0";
        assert_eq!(describe(mac), "Edge on a Mac");
        let linux = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
        assert_eq!(describe(linux), "Firefox on Linux");
        assert_eq!(describe("curl/8.5.0"), "curl");
    }

    #[test]
    fn nothing_of_the_text_itself_comes_through() {
        assert_eq!(describe("visit evil.example now"), "an unknown program");
        assert_eq!(describe("curl/ visit evil.example"), "curl");
        assert_eq!(describe(""), "an unknown program");
    }
}
