//! The parts of a stack that all others use.

use std::path::PathBuf;
use std::sync::Arc;

use shared::clock::Timestamp;
use shared::https::HttpsClient;
use shared::random::{Random, SystemRandom};

use super::options::StackData;
use crate::StartError;
use crate::clock::MovableClock;
use crate::data::DataFolder;
use crate::stack_event::EventListener;

/// The address, data folder, clock, randomness and HTTP client of a stack.
pub(super) struct Environment {
    pub(super) port: u16,
    /// The URL that people open, such as `http://localhost:8080`.
    pub(super) url: String,
    pub(super) folder: Option<DataFolder>,
    pub(super) clock: Arc<MovableClock>,
    pub(super) random: Arc<dyn Random>,
    /// The HTTP client for external services.
    pub(super) https: HttpsClient,
    pub(super) event_listener: EventListener,
}

impl Environment {
    /// Opens the data folder and starts the clock.
    ///
    /// # Errors
    /// A [`StartError`] about the folder if it cannot be used, or its clock cannot be read.
    pub(super) fn open(
        port: u16,
        data: &StackData,
        start_at: Option<Timestamp>,
        freeze_clock: bool,
        event_listener: EventListener,
    ) -> Result<Self, StartError> {
        let folder = match data {
            StackData::Memory => None,
            StackData::Folder(path) => Some(DataFolder::open(path)?),
        };
        let clock_file = folder.as_ref().map(DataFolder::clock_file);
        let clock =
            MovableClock::start(clock_file, start_at, freeze_clock).map_err(StartError::Data)?;
        Ok(Self {
            port,
            url: format!("http://localhost:{port}"),
            folder,
            clock: Arc::new(clock),
            random: Arc::new(SystemRandom),
            https: HttpsClient::default(),
            event_listener,
        })
    }

    /// Returns the path of a file in the data folder, or `None` if data is kept in memory.
    pub(super) fn file(&self, path: fn(&DataFolder) -> PathBuf) -> Option<PathBuf> {
        self.folder.as_ref().map(path)
    }
}
