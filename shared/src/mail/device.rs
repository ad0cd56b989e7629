//! Description of a device from a user agent, in fixed words.
//!
//! The sender of a request chooses its user agent. Text of the user agent itself must not reach a mail, because the
//! request may name another person's address.

/// Program names by a mark in the user agent. The first match counts, so specific marks come first: most browsers
/// also name others.
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

/// Operating system names by a mark in the user agent. The first match counts.
const SYSTEMS: [(&str, &str); 6] = [
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
];

/// Describes the device, such as `Firefox on Linux` or `an unknown program`.
pub fn describe(user_agent: &str) -> String {
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
    fn names_browsers_and_command_lines() {
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like \
            Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0";
        assert_eq!(describe(mac), "Edge on a Mac");
        let linux = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
        assert_eq!(describe(linux), "Firefox on Linux");
        assert_eq!(describe("curl/8.5.0"), "curl");
    }

    #[test]
    fn the_user_agent_itself_is_never_shown() {
        assert_eq!(describe("visit evil.example now"), "an unknown program");
        assert_eq!(describe("curl/ visit evil.example"), "curl");
        assert_eq!(describe(""), "an unknown program");
    }
}
