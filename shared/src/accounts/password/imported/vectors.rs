//! Test vectors: published ones, and hashes that independent implementations made.

use super::*;

/// What Python made of "correct-horse-9" and, except for bcrypt, of the salt `bytes(range(16))`.
const CORRECT_HORSE: [&str; 11] = [
    // hashlib.scrypt(pw, salt=salt, n=2**14, r=8, p=1, dklen=32)
    "$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$CewowPzzAGrQtGZRsn/Y+0S+ACZvHJ9oe4uFpW0mcLw",
    // hashlib.scrypt(pw, salt=salt, n=2**10, r=8, p=2, dklen=64)
    "$scrypt$ln=10,r=8,p=2$AAECAwQFBgcICQoLDA0ODw$bZbXc1MslwavI5Th3kz/xfLLL4YLSQ8UHpgwI6RAOVDWroNhvj/FK4IBNJZKgTLy38X8/sS30Ks6jG/pR5B9HQ",
    // hashlib.pbkdf2_hmac("sha256", pw, salt, 10000, 32)
    "$pbkdf2-sha256$i=10000,l=32$AAECAwQFBgcICQoLDA0ODw$g+hI6Re5IJdTRB6pRurkzvswHTe+x9Bw4J2glPBrbLM",
    // hashlib.pbkdf2_hmac("sha512", pw, salt, 5000, 64)
    "$pbkdf2-sha512$i=5000$AAECAwQFBgcICQoLDA0ODw$xWiO0Fx9x5AIjpvz2DaIknba3lLxvk6ez58SCOXvLOZQ7lDwX06fv+WAs++okXggEUeEbkrr2jwK8RJv8LQj0g",
    // argon2-cffi: hash_secret(pw, salt, time_cost=2, memory_cost=1024, parallelism=2, hash_len=32, type=Type.I)
    "$argon2i$v=19$m=1024,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$bDJu9K0nxXmg4ZdUDbCwkwhqCoR02Y1NllcZMVaDEQ0",
    // the same with Type.D
    "$argon2d$v=19$m=1024,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$RuRR6BKg5x9hHrswXaz1sc00rkD2kEm2wSYRytKnWKc",
    // the same with Type.ID
    "$argon2id$v=19$m=1024,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$2jrvP52aWd6rkA3YdvBQK2wyNknSmRG0bS0jKt1xaso",
    // the same with Type.ID, parallelism=1, hash_len=24, version=16
    "$argon2id$v=16$m=1024,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$BvSK60xjqC1RY+YC1QlKLG/xuSAETkL3",
    // PyPI's bcrypt: hashpw(pw, gensalt(5, prefix=b"2a")); and the same with 2b, and as PHP names it
    "$2a$05$bqeHyPiOfuvAEcBn/ww3f.qIYXNNUXpdgLIlJXhSsNz11LlEsY5T.",
    "$2b$05$ut4BcpHJYSvpKLuaLMr9w.s1J2WkhaArTdqYaK8QTwIz9yTG7nPaC",
    "$2y$05$ut4BcpHJYSvpKLuaLMr9w.s1J2WkhaArTdqYaK8QTwIz9yTG7nPaC",
];

/// Published vectors: password, hash.
const PUBLISHED: [(&str, &str); 5] = [
    // RFC 7914, section 12: scrypt("password", "NaCl", N=1024, r=8, p=16).
    (
        "password",
        "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA",
    ),
    // RFC 7914, section 11: PBKDF2-HMAC-SHA-256("passwd", "salt", 1, 64).
    (
        "passwd",
        "$pbkdf2-sha256$i=1$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLxJypzM8Xm2RZkWZLOdd+8xfHG4RbHjC9UJESBB06GXgw",
    ),
    // The reference implementation of argon2, src/test.c: argon2i, version 19, "password", "somesalt".
    (
        "password",
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
    ),
    // OpenBSD's regression tests of bcrypt, from John the Ripper: "U*U*".
    ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
    // The documentation of https://github.com/firebase/scrypt.
    ("user1password", FIREBASE),
];

const FIREBASE: &str = "$firebase-scrypt$ln=14,r=8,sep=Bw,key=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA$42xEC+ixf3L2lw$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ";

fn matches(hash: &str, password: &str) -> bool {
    let parsed = ImportedHash::parse(hash).unwrap_or_else(|error| panic!("{hash}: {error}"));
    parsed.matches(password, &mut Memory::default()).unwrap()
}

#[test]
fn hashes_of_independent_implementations_verify() {
    for hash in CORRECT_HORSE {
        assert!(matches(hash, "correct-horse-9"), "{hash}");
        for wrong in ["correct-horse-8", "correct-horse-9 ", "Correct-horse-9", ""] {
            assert!(!matches(hash, wrong), "{hash} of {wrong:?}");
        }
    }
}

#[test]
fn published_vectors_verify() {
    for (password, hash) in PUBLISHED {
        assert!(matches(hash, password), "{hash}");
        assert!(!matches(hash, "Password"), "{hash}");
    }
}

#[test]
fn bcrypt_reads_72_bytes_of_a_password() {
    // PyPI's bcrypt: hashpw(("ä" * 36).encode(), gensalt(5)), which are 72 bytes.
    let hash = "$2b$05$jR7vbZdXoxpjkz1CfMAN2Og9JT8.9tSSQHYjIA/UaPBsbF.C9lBZW";
    assert!(matches(hash, &"ä".repeat(36)));
    assert!(matches(hash, &"ä".repeat(40)));
    assert!(!matches(hash, &"ä".repeat(35)));
}

#[test]
fn firebase_parameters_make_the_hash() {
    let parameters = r#"{"algorithm":"SCRYPT","base64_signer_key":"jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==","base64_salt_separator":"Bw==","rounds":8,"mem_cost":14}"#;
    let parameters: FirebaseParameters = serde_json::from_str(parameters).unwrap();
    // As `firebase auth:export` writes it: URL-safe.
    let hash =
        "lSrfV15cpx95_sZS2W9c9Kp6i_LVgQNDNC_qzrCnh1SAyZvqmZqAjTdn3aoItz-VHjoZilo78198JAdRuid5lQ==";
    assert_eq!(parameters.hash(hash, "42xEC-ixf3L2lw==").unwrap().as_str(), FIREBASE);
    assert!(matches!(
        parameters.hash("c2hvcnQ=", "42xEC-ixf3L2lw=="),
        Err(UnusableHash::Malformed)
    ));
}

#[test]
fn costly_parameters_are_refused() {
    let (salt, hash) = ("AAECAwQFBgcICQoLDA0ODw", "CewowPzzAGrQtGZRsn/Y+0S+ACZvHJ9oe4uFpW0mcLw");
    let bcrypt =
        |cost: &str| format!("$2b${cost}$ut4BcpHJYSvpKLuaLMr9w.s1J2WkhaArTdqYaK8QTwIz9yTG7nPaC");
    let phc = |beginning: &str| format!("${beginning}${salt}${hash}");
    for costly in [
        bcrypt("15"),
        bcrypt("31"),
        phc("scrypt$ln=18,r=8,p=1"),
        phc("scrypt$ln=20,r=8,p=1"),
        phc("scrypt$ln=17,r=8,p=2"),
        phc("scrypt$ln=63,r=8,p=1"),
        phc("scrypt$ln=14,r=4294967295,p=4294967295"),
        phc("pbkdf2-sha256$i=2000001"),
        phc("pbkdf2-sha512$i=4294967295"),
        phc("argon2id$v=19$m=65537,t=1,p=1"),
        phc("argon2id$v=19$m=65536,t=5,p=1"),
        phc("argon2id$v=19$m=8,t=4294967295,p=1"),
        phc("argon2id$v=19$m=65536,t=1,p=255"),
        format!("$firebase-scrypt$ln=18,r=8,sep=Bw,key={hash}${salt}${hash}"),
    ] {
        let refused = ImportedHash::parse(&costly).unwrap_err();
        assert!(matches!(refused, UnusableHash::TooCostly(_)), "{costly}: {refused}");
    }
    for dear in [
        bcrypt("14"),
        phc("scrypt$ln=17,r=8,p=1"),
        phc("pbkdf2-sha256$i=2000000"),
        phc("argon2id$v=19$m=65536,t=4,p=4"),
    ] {
        ImportedHash::parse(&dear).unwrap_or_else(|error| panic!("{dear}: {error}"));
    }
}

#[test]
fn malformed_hashes_are_refused() {
    let (salt, hash) = ("AAECAwQFBgcICQoLDA0ODw", "CewowPzzAGrQtGZRsn/Y+0S+ACZvHJ9oe4uFpW0mcLw");
    for (malformed, why) in [
        (String::new(), UnusableHash::Unsupported),
        ("5f4dcc3b5aa765d61d8327deb882cf99".to_owned(), UnusableHash::Unsupported),
        ("$1$salt$hash".to_owned(), UnusableHash::Unsupported),
        (
            "$2x$05$ut4BcpHJYSvpKLuaLMr9w.s1J2WkhaArTdqYaK8QTwIz9yTG7nPaC".to_owned(),
            UnusableHash::Unsupported,
        ),
        ("$2b$05$ut4BcpHJYSvpKLuaLMr9w.".to_owned(), UnusableHash::Malformed),
        ("$scrypt$".to_owned(), UnusableHash::Malformed),
        (format!("$scrypt$ln=0,r=8,p=1${salt}${hash}"), UnusableHash::Malformed),
        (format!("$scrypt$ln=14,r=0,p=1${salt}${hash}"), UnusableHash::Malformed),
        (format!("$scrypt$ln=14,r=8${salt}${hash}"), UnusableHash::Malformed),
        (format!("$scrypt$ln=14,ln=15,r=8,p=1${salt}${hash}"), UnusableHash::Malformed),
        (format!("$scrypt$ln=14,r=8,p=1${salt}$AAEC"), UnusableHash::Malformed),
        (format!("$scrypt$ln=14,r=8,p=1$!${hash}"), UnusableHash::Malformed),
        (format!("$pbkdf2-sha256$i=0${salt}${hash}"), UnusableHash::Malformed),
        (format!("$pbkdf2-sha256$i=1000,l=20${salt}${hash}"), UnusableHash::Malformed),
        (format!("$argon2id$v=19$m=1024,t=0,p=1${salt}${hash}"), UnusableHash::Malformed),
        (format!("$argon2id$v=18$m=1024,t=1,p=1${salt}${hash}"), UnusableHash::Unsupported),
        (format!("$argon2id$v=19$m=1024,t=1,p=1$AAECAwQFBg${hash}"), UnusableHash::Malformed),
        (format!("$scrypt$v=1$ln=14,r=8,p=1${salt}${hash}"), UnusableHash::Unsupported),
        (format!("$pbkdf2-sha256$v=19$i=1000${salt}${hash}"), UnusableHash::Unsupported),
        // Another secret is part of it.
        (
            format!("$argon2id$v=19$m=1024,t=1,p=1,keyid=AA${salt}${hash}"),
            UnusableHash::Unsupported,
        ),
    ] {
        assert_eq!(ImportedHash::parse(&malformed).err(), Some(why), "{malformed}");
    }
}

proptest::proptest! {
    #[test]
    fn parsing_any_text_never_panics(text in "(\\$(2b|scrypt|pbkdf2-sha256|argon2id|firebase-scrypt)\\$)?\\PC{0,90}") {
        let _ = ImportedHash::parse(&text);
    }
}
