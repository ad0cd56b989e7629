//! Puts load on a server: connections send as many requests as they can for a few seconds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use tokio::task::JoinSet;

use crate::console::say;
use crate::error::{Error, Result};
use crate::server_process::ServerProcess;
use crate::statistics::{median, percentile};

/// The time that each load lasts.
pub(crate) const DURATION: Duration = Duration::from_secs(3);

/// The interval between two measurements of the server's memory.
const MEMORY_INTERVAL: Duration = Duration::from_millis(200);

/// Makes the next request of a connection.
pub(crate) type MakeRequest = Arc<dyn Fn(&Client) -> RequestBuilder + Send + Sync>;

/// The measurements of one load.
pub(crate) struct Load {
    /// The name of the operation, for readers.
    pub(crate) name: String,
    /// The method and the path of the requests.
    pub(crate) call: &'static str,
    /// The number of connections that sent requests at the same time.
    pub(crate) connections: usize,
    /// The number of answered requests per second.
    pub(crate) rate: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// Requests without an answer, or with a status that is an error.
    pub(crate) errors: usize,
    /// The sequential round trips to DynamoDB of each answered request, if the server states them.
    pub(crate) trips: Vec<usize>,
    /// The memory of the server in bytes, from the beginning to the end of the load.
    pub(crate) memory: Vec<u64>,
}

/// The requests that a load consists of.
pub(crate) struct LoadParams {
    /// The name of the operation, for readers.
    pub(crate) name: String,
    /// The method and the path of the requests.
    pub(crate) call: &'static str,
    /// The requests that each measured connection sends.
    pub(crate) connections: Vec<MakeRequest>,
    /// The requests of each connection that is not measured.
    pub(crate) beside: Vec<MakeRequest>,
}

#[derive(Default)]
struct SentRequests {
    durations: Vec<Duration>,
    trips: Vec<usize>,
    errors: usize,
}

/// Sends requests over all connections at once, and measures those of `params.connections`.
///
/// # Errors
/// If the memory of the server cannot be read.
pub(crate) async fn run(server: &ServerProcess, params: LoadParams) -> Result<Load> {
    let LoadParams { name, call, connections, beside } = params;
    say(&format!("load: {name}, {} connections", connections.len()));
    let begin = Instant::now();
    let end = begin + DURATION;
    let number = connections.len();
    let send = |make| send_until(end, make);
    let own: JoinSet<_> = connections.into_iter().map(send).collect();
    let beside: JoinSet<_> = beside.into_iter().map(send).collect();
    let mut memory = vec![server.memory()?];
    while Instant::now() < end {
        tokio::time::sleep(MEMORY_INTERVAL).await;
        memory.push(server.memory()?);
    }
    let mut sent = SentRequests::default();
    for of_one in own.join_all().await {
        sent.durations.extend(of_one.durations);
        sent.trips.extend(of_one.trips);
        sent.errors += of_one.errors;
    }
    // The last requests end a little later.
    let elapsed = begin.elapsed();
    beside.join_all().await;
    let SentRequests { durations, trips, errors } = sent;
    // At most some 100,000 requests, which f64 does not round.
    #[allow(clippy::cast_precision_loss)]
    let rate = durations.len() as f64 / elapsed.as_secs_f64();
    let (p50, p99) = (median(&durations), percentile(&durations, 99));
    Ok(Load { name, call, connections: number, rate, p50, p99, errors, trips, memory })
}

/// Sends requests one after the other over a connection of its own.
async fn send_until(end: Instant, make: MakeRequest) -> SentRequests {
    let http = Client::new();
    let mut sent = SentRequests::default();
    while Instant::now() < end {
        let started = Instant::now();
        let answer = async {
            let response = make(&http).send().await?.error_for_status()?;
            let trips = trips(response.headers());
            response.bytes().await?;
            Ok::<_, Error>(trips)
        };
        match answer.await {
            Ok(trips) => {
                sent.durations.push(started.elapsed());
                sent.trips.extend(trips);
            }
            Err(_) => sent.errors += 1,
        }
    }
    sent
}

/// Reads the sequential round trips from the header that the local stack adds.
fn trips(headers: &reqwest::header::HeaderMap) -> Option<usize> {
    let costs = headers.get("x-local-dynamodb")?.to_str().ok()?;
    costs.split(';').find_map(|cost| cost.strip_prefix("trips="))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderMap, HeaderValue};

    #[test]
    fn round_trips_are_read_from_the_header() {
        let mut headers = HeaderMap::new();
        assert_eq!(trips(&headers), None);
        let value = HeaderValue::from_static("calls=5;trips=4;rcu=5;wcu=4");
        headers.insert("x-local-dynamodb", value);
        assert_eq!(trips(&headers), Some(4));
    }
}
