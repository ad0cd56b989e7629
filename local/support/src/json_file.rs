//! JSON files that are replaced atomically.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::private_files::private_file;

/// Reads a JSON file. Returns `None` if the file does not exist.
///
/// # Errors
/// The I/O error if the file cannot be read, `InvalidData` if its content is not a `T`.
pub fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            io::Error::new(ErrorKind::InvalidData, format!("{}: {error}", path.display()))
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Replaces a JSON file atomically. Only the owner of the file may read it.
///
/// # Errors
/// The I/O error if the file or the temporary file next to it cannot be written.
pub fn write(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = private_file().truncate(true).open(&temporary)?;
    serde_json::to_writer(&mut file, value)?;
    file.write_all(b"\n")?;
    fs::rename(temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_file_is_replaced_and_read_again() {
        let name = format!("local-support-json-file-{}", std::process::id());
        let path = std::env::temp_dir().join(name).with_extension("json");
        assert_eq!(read::<Value>(&path).unwrap(), None);
        for value in [json!({"a": "longer"}), json!({"a": 1})] {
            write(&path, &value).unwrap();
            assert_eq!(read::<Value>(&path).unwrap(), Some(value));
        }
        fs::write(&path, "{").unwrap();
        assert_eq!(read::<Value>(&path).unwrap_err().kind(), ErrorKind::InvalidData);
        fs::remove_file(&path).unwrap();
    }
}
