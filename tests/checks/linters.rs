//! Exceptions from the linters of the template have reasons.

/// Minimum number of characters of a reason.
const MIN_REASON_LEN: usize = 30;

#[test]
fn each_check_that_is_left_out_has_a_reason() {
    let config = include_str!("../../.checkov.yaml");
    let skipped: Vec<_> =
        config.lines().filter_map(|line| line.trim().strip_prefix("- CKV")).collect();
    assert!(!skipped.is_empty(), "the checks are found");
    for line in skipped {
        let reason = line.split_once('#').map_or("", |(_, reason)| reason.trim());
        assert!(reason.len() >= MIN_REASON_LEN, "CKV{line} needs a reason");
    }
    for template in [include_str!("../../template.yaml"), include_str!("../../cdn.yaml")] {
        for exception in ["cfn-lint:", "checkov:skip", "ignore_checks"] {
            assert!(
                !template.contains(exception),
                "{exception}: put exceptions into .checkov.yaml"
            );
        }
    }
}
