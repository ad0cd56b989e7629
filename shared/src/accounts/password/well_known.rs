//! Well-known passwords, which attackers try first.

/// Whether a lower-case password is well known although it follows the other rules: a common word with
/// digits and signs around it, or a sequence of neighboring keys.
pub(super) fn is_well_known(password: &str) -> bool {
    LEAKED_PASSWORDS.contains(&password) || COMMON_WORDS.contains(&bare_word(password).as_str())
}

/// Strips digits and signs from both ends and turns look-alikes into letters: `p@ssw0rd123!` becomes
/// `password`.
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

/// Common words at the top of the published lists of leaked passwords (NCSC, and `NordPass`'s yearly 200).
const COMMON_WORDS: [&str; 18] = [
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

/// Leaked passwords that have a letter, a digit and a special character. They come from the 20,000 most
/// common ones (the list that Django refuses), with similar sequences of neighboring keys.
const LEAKED_PASSWORDS: [&str; 30] = [
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
    fn common_words_with_decorations_are_well_known() {
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
    fn phrases_that_contain_a_common_word_pass() {
        for fine in
            ["my-password-is-9", "correct-horse-9", "dragonfly#7", "tests-pass-9", "s3cret!pass"]
        {
            assert!(!is_well_known(fine), "{fine}");
        }
    }
}
