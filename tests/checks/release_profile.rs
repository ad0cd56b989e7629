//! The profile `release` states everything that cargo-lambda would otherwise choose.

/// The settings that cargo-lambda adds to a profile without them. It would choose `panic = "abort"`, with which a
/// request that panics is not answered.
const SETTINGS: [(&str, &str); 4] =
    [("strip", "true"), ("lto", "\"fat\""), ("codegen-units", "1"), ("panic", "\"unwind\"")];

#[test]
fn cargo_lambda_builds_with_the_settings_of_the_profile() {
    let manifest = include_str!("../../Cargo.toml");
    let (_, profile) = manifest.split_once("\n[profile.release]\n").expect("a profile");
    let profile = profile.split("\n[").next().unwrap_or_default();
    for (name, value) in SETTINGS {
        let line = format!("{name} = {value}");
        assert!(profile.lines().any(|other| other == line), "{line} is missing in:\n{profile}");
    }
}
