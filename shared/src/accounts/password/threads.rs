//! The threads that hash passwords: one per core, each with memory that it uses again.
//!
//! Each hash needs 19 MiB in production. Memory that is allocated anew for each of hundreds of hashes, on
//! as many threads, stays with the process. One hash per core at once is as fast and needs no more memory
//! than there are cores.
//!
//! The threads have a lower priority than the others of the process. So requests without a password are answered
//! while all cores hash.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use argon2::Block;
use tokio::sync::{Semaphore, oneshot};

use crate::error::{Error, Result};

/// The longest wait for a free thread. A hash of this service takes tens of milliseconds, and an imported one up to
/// about a second. So a longer queue than this holds more requests than would be answered in time (`REQUEST_TIMEOUT`).
const THREAD_TIMEOUT: Duration = Duration::from_secs(2);

/// What is added to the nice value of the threads. Linux gives a thread with 5 more a third of the time that it gives
/// another one on the same core (`sched_prio_to_weight`: 335 and 1024).
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

/// The threads of this process. They start with the first hash.
static THREADS: LazyLock<HashingThreads> = LazyLock::new(HashingThreads::start);

/// Something to do on one of the threads, with the memory of that thread.
type Job = Box<dyn FnOnce(&mut Memory) + Send>;

struct HashingThreads {
    /// One permit per thread, so that every job that is sent begins at once.
    permits: Semaphore,
    jobs: Sender<Job>,
}

impl HashingThreads {
    /// Starts one thread per core, or fewer if the operating system refuses more.
    fn start() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (jobs, received) = channel();
        let received = Arc::new(Mutex::new(received));
        let start_one = || {
            let received = received.clone();
            let thread = std::thread::Builder::new().name("password-hashing".to_owned());
            thread.spawn(move || run_jobs(&received))
        };
        let started = (0..cores).filter(|_| start_one().is_ok()).count();
        Self { permits: Semaphore::new(started), jobs }
    }
}

/// Runs one job after the other on this thread.
fn run_jobs(received: &Mutex<Receiver<Job>>) {
    // Without a lower priority, other requests wait longer.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(NICE);
    let mut memory = Memory::default();
    let next = || received.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(job) = next() {
        // The caller learns of a panic because its job sends no result.
        let _ = catch_unwind(AssertUnwindSafe(|| job(&mut memory)));
    }
}

/// The memory of one thread, which grows to the largest that was asked for.
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

/// Runs `work` on a hashing thread, where it holds up no other request, once one is free.
///
/// # Errors
/// [`Error::Overloaded`] if no thread is free within [`THREAD_TIMEOUT`], [`Error::Internal`] if `work` panics.
pub(super) async fn run<T: Send + 'static>(
    work: impl FnOnce(&mut Memory) -> T + Send + 'static,
) -> Result<T> {
    run_within(THREAD_TIMEOUT, work).await
}

async fn run_within<T: Send + 'static>(
    thread_timeout: Duration,
    work: impl FnOnce(&mut Memory) -> T + Send + 'static,
) -> Result<T> {
    let permit = tokio::time::timeout(thread_timeout, THREADS.permits.acquire()).await;
    let permit = permit.map_err(|_| Error::Overloaded)?.map_err(Error::internal)?;
    let (output, received) = oneshot::channel();
    let job = Box::new(move |memory: &mut Memory| {
        // Kept until the work is done, even if the request is canceled meanwhile.
        let _permit = permit;
        // The request is canceled if this fails.
        let _ = output.send(work(memory));
    });
    THREADS.jobs.send(job).map_err(|_| Error::internal("no thread hashes passwords"))?;
    received.await.map_err(|_| Error::internal("the hash of a password panicked"))
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
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn hashes_have_a_lower_priority_than_requests() {
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let hashing = run(move |_| priority()).await.unwrap();
        assert_eq!(hashing, (priority() + NICE).min(19));
    }

    #[tokio::test]
    async fn a_wait_for_a_thread_ends_with_an_error() {
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
        while THREADS.permits.available_permits() > 0 {
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
    async fn a_panic_frees_its_thread() {
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
