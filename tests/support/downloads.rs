//! Files that a browser saves.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::Chromium;

/// The folder for the downloads of one browser. It goes with the browser.
pub(crate) struct DownloadFolder(PathBuf);

impl DownloadFolder {
    /// Creates an empty folder.
    pub(crate) fn create() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("aius-downloads-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Returns the path of the folder.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Takes a file that is saved completely out of the folder.
    fn take(&self) -> Option<Vec<u8>> {
        let files = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        let is_complete = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            !name.starts_with('.') && !name.ends_with(".crdownload")
        };
        let file = files.into_iter().find(is_complete)?;
        // The browser reserves the name with an empty file.
        let content = std::fs::read(&file).ok().filter(|content| !content.is_empty())?;
        std::fs::remove_file(&file).unwrap();
        Some(content)
    }
}

impl Drop for DownloadFolder {
    fn drop(&mut self) {
        // A folder that cannot be removed does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Chromium {
    /// Waits for the file that the last action saves, and returns its content.
    pub async fn saved_file(&self) -> Vec<u8> {
        let mut content = None;
        self.wait("a saved file".to_owned(), async || {
            content = self.downloads.take();
            content.is_some()
        })
        .await;
        content.unwrap()
    }
}
