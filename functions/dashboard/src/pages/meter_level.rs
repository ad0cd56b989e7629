//! How much a meter warns.

/// How much a meter warns, by the share of the limit that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MeterLevel {
    /// The class of the bar and of the text; empty without a warning.
    pub(crate) class: &'static str,
    /// The warning in words; empty without one.
    pub(crate) text: &'static str,
}

/// Returns how much a meter warns. `limit` is the limit as the page shows it. A limit of 1 is reached from the
/// beginning, so only more than that is a warning.
pub(crate) fn meter_level(limit: &str, percent: &u64) -> MeterLevel {
    let (class, text) = match *percent {
        0..80 => ("", ""),
        ..=100 if limit == "1" => ("", ""),
        80..90 => ("warm", "getting full"),
        90..100 => ("high", "nearly full"),
        100 => ("full", "limit reached"),
        101.. => ("full", "above the limit"),
    };
    MeterLevel { class, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_has_its_own_class_and_words() {
        let class = |percent| meter_level("1,000 credits", &percent).class;
        assert_eq!([0, 79].map(class), [""; 2]);
        assert_eq!([80, 89].map(class), ["warm"; 2]);
        assert_eq!([90, 99].map(class), ["high"; 2]);
        assert_eq!([100, 101, u64::MAX].map(class), ["full"; 3]);
        let words = [80, 90, 100, 101].map(|percent| meter_level("3", &percent).text);
        assert_eq!(words, ["getting full", "nearly full", "limit reached", "above the limit"]);
    }

    #[test]
    fn a_limit_of_1_may_be_reached() {
        assert_eq!(meter_level("1", &100), meter_level("1", &0));
        assert_eq!(meter_level("1", &200).text, "above the limit");
    }
}
