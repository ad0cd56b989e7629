//! Passwords that everybody tries first.

/// Whether a lower-case password is one of the well-known ones that the other rules let through:
/// a notorious word with digits and signs around it, or a walk over the keyboard.
pub(super) fn is_well_known(password: &str) -> bool {
    LISTED.contains(&password) || WORDS.contains(&bare_word(password).as_str())
}

/// `p@ssw0rd123!` → `password`: signs and digits at both ends off, look-alikes back to letters.
fn bare_word(password: &str) -> String {
    let look_alike = |c| match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '$' | '5' => 's',
        other => other,
    };
    password.trim_matches(|c: char| !c.is_alphabetic()).chars().map(look_alike).collect()
}

/// Words that head every published list of leaked passwords (NCSC's and NordPass's yearly top 200),
/// alone or doubled.
const WORDS: [&str; 18] = [
    "password",
    "passwort",
    "passwd",
    "passwordpassword",
    "qwerty",
    "qwertyuiop",
    "azerty",
    "qwertz",
    "asdfgh",
    "asdfghjkl",
    "welcome",
    "letmein",
    "iloveyou",
    "admin",
    "administrator",
    "changeme",
    "monkey",
    "dragon",
];

/// Those of the 20,000 passwords most often found in leaks (the list that Django refuses) that have
/// a letter, a digit and a special character, with keyboard walks of the same kind.
const LISTED: [&str; 30] = [
    "1qaz!qaz",
    "!qaz2wsx",
    "1qaz@wsx",
    "1qaz2wsx!",
    "!qaz1qaz",
    "!qaz@wsx3edc",
    "zaq1@wsx",
    "zaq12wsx!",
    "1q2w3e4r!",
    "1q2w3e4r5t!",
    "!q2w3e4r",
    "q1w2e3r4!",
    "1234qwer!",
    "qwer1234!",
    "qwer!234",
    "a123456!",
    "a12345678!",
    "aa123456!",
    "aa123456@",
    "aa@123456",
    "abcd1234!",
    "abcd@1234",
    "pe#5gz29ptzmse",
    "n0=acc3ss",
    "ka_djkhjsy6",
    "fu7u4a#$$$",
    "derp12!@",
    "mega_pizdetz666",
    "feder_1941",
    "n8zgt5p0shw=",
];

#[cfg(test)]
mod tests {
    use super::is_well_known;

    #[test]
    fn dressing_up_a_notorious_word_does_not_help() {
        for known in [
            "p@ssw0rd",
            "password1!",
            "password123!",
            "p@$$w0rd1",
            "123password!",
            "!password1",
            "welcome1!",
            "qwerty123!",
            "admin@123",
            "letmein1!",
            "1qaz@wsx",
        ] {
            assert!(is_well_known(known), "{known}");
        }
    }

    #[test]
    fn a_phrase_that_only_contains_one_passes() {
        for fine in
            ["my-password-is-9", "correct-horse-9", "dragonfly#7", "tests-pass-9", "s3cret!pass"]
        {
            assert!(!is_well_known(fine), "{fine}");
        }
    }
}
