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
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use argon2::Block;
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

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

struct HashingThreads {
    /// One permit per thread.
    permits: Semaphore,
    /// The threads that do nothing. The last one to finish a job gets the next one, so that a process which hashes one
    /// password at a time uses the memory of one thread.
    idle: Mutex<Vec<Sender<Job>>>,
}

/// Something to do on a thread.
struct Job {
    work: Work,
    /// Released when the work is done, even if the request is canceled meanwhile.
    permit: SemaphorePermit<'static>,
}

/// Works with the memory of a thread, and returns how to hand over the result.
type Work = Box<dyn FnOnce(&mut Memory) -> HandOver + Send>;

type HandOver = Box<dyn FnOnce()>;

impl HashingThreads {
    /// Starts one thread per core, or fewer if the operating system refuses more.
    fn start() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let idle: Vec<_> = (0..cores).filter_map(|_| start_thread()).collect();
        Self { permits: Semaphore::new(idle.len()), idle: Mutex::new(idle) }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Sender<Job>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn start_thread() -> Option<Sender<Job>> {
    let (sender, jobs) = channel();
    let own = sender.clone();
    let thread = std::thread::Builder::new().name("password-hashing".to_owned());
    thread.spawn(move || run_jobs(&jobs, &own)).ok().map(|_| sender)
}

/// Runs one job after the other on this thread, whose jobs are sent to `own`.
fn run_jobs(jobs: &Receiver<Job>, own: &Sender<Job>) {
    // A failure is ignored: with the same priority, other requests only wait longer.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(NICE);
    let mut memory = Memory::default();
    while let Ok(Job { work, permit }) = jobs.recv() {
        let hand_over = catch_unwind(AssertUnwindSafe(|| work(&mut memory)));
        THREADS.idle().push(own.clone());
        drop(permit);
        // Now, so that the next request finds this thread idle. After a panic, the caller gets no result.
        if let Ok(hand_over) = hand_over {
            hand_over();
        }
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
    let thread = THREADS.idle().pop().ok_or_else(|| Error::internal("no thread is idle"))?;
    let (output, received) = oneshot::channel();
    let work: Work = Box::new(move |memory| {
        let result = work(memory);
        Box::new(move || {
            // It fails if the request was canceled meanwhile.
            let _ = output.send(result);
        })
    });
    let sent = thread.send(Job { work, permit });
    sent.map_err(|_| Error::internal("a thread that hashes passwords has ended"))?;
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
