//! Parses and normalizes the paths of artifacts.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};
use crate::text::is_forbidden_char;

/// Maximum length of a path in bytes of UTF-8. Together with a project's id it is part of a sort
/// key, for which DynamoDB allows 1024 bytes.
pub const MAX_PATH_LEN: usize = 800;

/// Maximum length of a path's part in bytes: the limit of common file systems (`NAME_MAX`).
const MAX_PART_LEN: usize = 255;

/// File names that Windows takes for devices, in any folder and with any extension.
/// <https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file#naming-conventions>
const DEVICE_NAMES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Device names that a digit follows.
const NUMBERED_DEVICE_NAMES: [&str; 2] = ["com", "lpt"];

/// A relative POSIX path without `.` and `..`, which also stays inside its folder on Windows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FilePath(String);

impl FilePath {
    /// Parses a path and normalizes it to Unicode's composed form (NFC), so that paths that look
    /// the same are the same.
    ///
    /// # Errors
    ///
    /// * [`Error::Missing`] if the path is empty.
    /// * [`Error::InvalidField`] in these cases:
    ///   * It is absolute or too long, or has empty parts, `.` or `..`, backslashes or control characters.
    ///   * Windows would take it for another file, a drive, a stream or a device.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |why: &str| Err(Error::invalid_field("path", why));
        if text.is_empty() {
            return Err(Error::missing("path"));
        }
        if text.len() > 4 * MAX_PATH_LEN {
            return refuse(&format!("must be at most {MAX_PATH_LEN} bytes"));
        }
        let path: String = text.nfc().collect();
        if path.len() > MAX_PATH_LEN {
            return refuse(&format!("must be at most {MAX_PATH_LEN} bytes"));
        }
        if path.chars().any(|c| matches!(c, '\\' | ':') || is_forbidden_char(c)) {
            return refuse("must not contain backslashes, colons or control characters");
        }
        if path.starts_with('/') {
            return refuse("must be relative, without a slash at the start");
        }
        for part in path.split('/') {
            match part {
                "" => return refuse("must not contain empty parts or end with a slash"),
                "." | ".." => return refuse("must not contain the parts . and .."),
                part if part.len() > MAX_PART_LEN => {
                    return refuse(&format!(
                        "must have at most {MAX_PART_LEN} bytes between slashes"
                    ));
                }
                part if part.ends_with(['.', ' ']) => {
                    return refuse("must not contain parts that end with a dot or a space");
                }
                part if is_device_name(part) => {
                    return refuse(
                        "must not contain names of Windows devices, such as con or com1",
                    );
                }
                _ => {}
            }
        }
        Ok(Self(path))
    }

    /// Returns the path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part after the last slash.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Returns a hash of the path, for keys in which the path itself would be too long.
    pub(crate) fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(&self.0))
    }
}

/// Returns whether Windows opens a device instead of a file of this name. It ignores the case, everything after the
/// first dot, and spaces before it; superscript digits count as digits.
fn is_device_name(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end_matches(' ').to_lowercase();
    let is_numbered = |device: &&str| {
        let mut chars = stem.strip_prefix(*device).unwrap_or_default().chars();
        matches!((chars.next(), chars.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    };
    DEVICE_NAMES.contains(&stem.as_str()) || NUMBERED_DEVICE_NAMES.iter().any(is_numbered)
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_paths_are_accepted() {
        for path in [
            "a",
            "reports/q3.pdf",
            "a b/ü.csv",
            ".env",
            "a/..b",
            "#/?&%41",
            "日本/語",
            "console",
            "com10",
        ] {
            assert_eq!(FilePath::parse(path).unwrap().as_str(), path);
        }
        assert_eq!(FilePath::parse("u\u{308}.csv").unwrap().as_str(), "ü.csv");
        assert_eq!(FilePath::parse("reports/q3.pdf").unwrap().file_name(), "q3.pdf");
        assert_eq!(FilePath::parse("q3.pdf").unwrap().file_name(), "q3.pdf");
    }

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        for path in [
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/../b",
            "a/.",
            "./a",
            "a\\b",
            "a\0b",
            "a\nb",
            "a\u{7f}",
            "a\u{202e}b",
            "/",
        ] {
            assert!(matches!(FilePath::parse(path), Err(Error::InvalidField { .. })), "{path:?}");
        }
        assert!(matches!(FilePath::parse(""), Err(Error::Missing(_))));
    }

    #[test]
    fn paths_that_windows_reads_differently_are_refused() {
        for path in [
            "C:/x",
            "c:x",
            "a:b",
            "a/b:c",
            "con",
            "CON",
            "a/Con",
            "con/a",
            "con.txt",
            "con .txt",
            "prn",
            "aux.c",
            "nul.tar.gz",
            "com1",
            "COM9.log",
            "com0",
            "com\u{b9}",
            "lpt1",
            "lpt9/x",
            "conin$",
            "CONOUT$",
            "a.",
            "a ",
            "a /b",
            "a./b",
            "...",
            " ",
        ] {
            assert!(matches!(FilePath::parse(path), Err(Error::InvalidField { .. })), "{path:?}");
        }
        for path in
            ["icon", "con1", "con-a", "a/.con", "com", "com12", "lpt", "auxiliary", "null", "a. b"]
        {
            assert!(FilePath::parse(path).is_ok(), "{path:?}");
        }
    }

    #[test]
    fn length_is_limited_in_bytes() {
        let parts = |length: usize| vec!["a".repeat(199); 4].join("/") + &"b".repeat(length - 799);
        assert!(FilePath::parse(&parts(800)).is_ok());
        assert!(FilePath::parse(&parts(801)).is_err());
        assert!(FilePath::parse(&"é".repeat(127)).is_ok());
        assert!(FilePath::parse(&"é".repeat(128)).is_err());
    }

    proptest! {
        #[test]
        fn accepted_paths_stay_inside(text in "[a-z:. /\\\\\u{0}é\u{308}]{0,20}") {
            if let Ok(path) = FilePath::parse(&text) {
                let path = path.as_str();
                prop_assert!(!path.starts_with('/') && !path.contains('\\') && !path.contains('\0'));
                prop_assert!(path.split('/').all(|part| !matches!(part, "" | "." | "..")));
                let again = FilePath::parse(path).unwrap();
                prop_assert_eq!(again.as_str(), path);
            }
        }
    }
}
