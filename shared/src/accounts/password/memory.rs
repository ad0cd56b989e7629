//! The memory that passwords are hashed in, reused from one hash to the next.
//!
//! Each hash needs 19 MiB in production. Memory that is allocated anew for each of hundreds of hashes, on
//! as many threads, stays with the process. One hash per core at once is as fast and needs no more memory
//! than there are cores.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use argon2::Block;
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// The longest wait for a free core. A hash of this service takes tens of milliseconds, and an imported one up to about
/// a second. So a longer queue than this holds more requests than would be answered in time (`REQUEST_TIMEOUT`).
const CORE_TIMEOUT: Duration = Duration::from_secs(2);

/// The memory of this process, for as many hashes at once as it has cores.
static POOL: LazyLock<Pool> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Pool { permits: Semaphore::new(cores), unused: Mutex::default() }
});

struct Pool {
    /// One permit per hash that may run at once, so that there are never more memories than permits.
    permits: Semaphore,
    unused: Mutex<Vec<Memory>>,
}

/// The memory of one hash, which grows to the largest that was asked for.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// Returns that many blocks of 1 KiB. Their content is undefined; argon2 overwrites it in its first pass.
    pub(super) fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.0.len() < count {
            self.0.resize(count, Block::new());
        }
        &mut self.0[..count]
    }

    /// Returns the largest number of blocks that was asked for.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Runs `work` with a memory of its own on a thread where it holds up no other request, once a core is free.
///
/// # Errors
/// [`Error::Overloaded`] if no core is free within [`CORE_TIMEOUT`], [`Error::Internal`] if `work` panics.
pub(super) async fn run<T: Send + 'static>(
    work: impl FnOnce(&mut Memory) -> T + Send + 'static,
) -> Result<T> {
    run_within(CORE_TIMEOUT, work).await
}

async fn run_within<T: Send + 'static>(
    core_timeout: Duration,
    work: impl FnOnce(&mut Memory) -> T + Send + 'static,
) -> Result<T> {
    let permit = tokio::time::timeout(core_timeout, POOL.permits.acquire()).await;
    let permit = permit.map_err(|_| Error::Overloaded)?.map_err(Error::internal)?;
    let running = tokio::task::spawn_blocking(move || {
        // Kept until the work is done, even if the request is canceled meanwhile.
        let _permit = permit;
        let unused = || POOL.unused.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = unused().pop().unwrap_or_default();
        let output = work(&mut memory);
        unused().push(memory);
        output
    });
    running.await.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn no_more_hashes_run_at_once_than_there_are_cores() {
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let hashes = (0..4 * cores).map(|_| {
            tokio::spawn(run(|memory| {
                MOST.fetch_max(RUNNING.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                assert_eq!(memory.blocks(8).len(), 8);
                std::thread::sleep(std::time::Duration::from_millis(2));
                RUNNING.fetch_sub(1, Ordering::SeqCst);
            }))
        });
        for hash in hashes.collect::<Vec<_>>() {
            hash.await.unwrap().unwrap();
        }
        assert!(MOST.load(Ordering::SeqCst) <= cores);
        let unused = POOL.unused.lock().unwrap().len();
        assert!(unused <= cores, "{unused} memories for {cores} cores");
    }

    #[tokio::test]
    async fn a_wait_for_a_core_ends_with_an_error() {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (release, released) = std::sync::mpsc::channel::<()>();
        let released = std::sync::Arc::new(Mutex::new(released));
        let busy: Vec<_> = (0..cores)
            .map(|_| {
                let released = released.clone();
                tokio::spawn(run(move |_| {
                    let _ = released.lock().unwrap().recv();
                }))
            })
            .collect();
        while POOL.permits.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let result = run_within(Duration::from_millis(5), |_| ()).await;
        assert!(matches!(result, Err(Error::Overloaded)), "{result:?}");
        drop(release);
        for hash in busy {
            hash.await.unwrap().unwrap();
        }
        run(|_| ()).await.unwrap();
    }

    #[tokio::test]
    async fn a_panic_frees_its_core() {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..=cores {
            let result = run(|_| {
                if true {
                    panic!("as a test")
                }
            })
            .await;
            assert!(matches!(result, Err(Error::Internal(_))), "{result:?}");
        }
    }
}
