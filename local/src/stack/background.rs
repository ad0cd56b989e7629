//! The worker, and the tasks that invoke it: the stream poller and the schedules.

use std::sync::Arc;

use futures_util::FutureExt;
use stripe_simulator::StripeSimulator;
use worker::{Clients, Worker};

use super::aws_services::AwsServices;
use super::environment::Environment;
use super::worker_clients::with_sdk;
use crate::StartError;
use crate::function_context::FunctionContexts;
use crate::queue::{HandleMailEvent, QueuePollerConfig, start_poller};
use crate::schedule::{Invocation, Schedules, TimedEvents};
use crate::stoppable_task::StoppableTask;
use crate::stream::{EventPattern, StreamConfig, StreamPoller, WORKER};
use crate::template::{Function, QueueSource, Template};

/// The parts of the stack that the background tasks use.
pub(super) struct BackgroundConfig<'c> {
    pub(super) environment: &'c Environment,
    pub(super) template: &'c Template,
    pub(super) services: &'c AwsServices,
    /// The ARN of the table's stream.
    pub(super) stream_arn: String,
    pub(super) contexts: FunctionContexts<'c>,
    /// The worker's clients of external services.
    pub(super) clients: &'c Clients,
    /// The simulated Stripe, whose events depend on the clock; `None` without a simulated Stripe.
    pub(super) stripe: Option<Arc<StripeSimulator>>,
}

/// The running background tasks.
pub(super) struct BackgroundTasks {
    pub(super) poller: StreamPoller,
    pub(super) schedules: Arc<Schedules>,
    /// The tasks in the order in which they stop.
    pub(super) tasks: Vec<StoppableTask>,
}

impl BackgroundTasks {
    /// Starts the stream poller and the schedules of the worker, and the simulated Stripe's own events.
    ///
    /// # Errors
    /// [`StartError::Template`] if the template has no worker, or a worker that the local stack does not
    /// support.
    pub(super) fn start(config: BackgroundConfig<'_>) -> Result<Self, StartError> {
        let BackgroundConfig {
            environment,
            template,
            services,
            stream_arn,
            contexts,
            clients,
            stripe,
        } = config;
        let function = worker_function(template).map_err(StartError::Template)?;
        // As on Lambda, with only the rights of the worker's policy.
        let clients = with_sdk(clients, &contexts.sdk_of(function), services);
        let blobs = contexts.create_blob_store(function);
        let worker = Worker::new(contexts.create(function), clients, blobs);
        let config = StreamConfig {
            client: aws_sdk_dynamodbstreams::Client::new(&services.sdk),
            database: services.database.clone(),
            stream_arn,
            worker: worker.clone(),
            dead_letters: services.dead_letters.clone(),
            queues: services.queues.clone(),
        };
        let (poller, poller_task) =
            StreamPoller::start(config, function).map_err(StartError::Template)?;
        let queue_tasks = start_queue_pollers(function, services, &worker, &poller, environment)?;
        let invocation = Invocation {
            worker,
            random: environment.random.clone(),
            timeout: function.timeout,
            poller: poller.clone(),
            event_listener: environment.event_listener.clone(),
        };
        let mail_events = &services.queues.mail_events;
        let mail_events_task = mail_events.start(mail_event_handler(function, &invocation)?);
        let invoke = Box::new(move |schedule| invocation.clone().run(schedule).boxed());
        let timed_events = stripe.clone().map(|stripe| stripe as Arc<dyn TimedEvents>);
        let (schedules, schedules_task) =
            Schedules::start(environment.clock.clone(), &function.schedules, invoke, timed_events);
        let mut tasks = Vec::new();
        if let Some(stripe) = stripe {
            tasks.push(StoppableTask::spawn(|stop| async move {
                stop.wait().await;
                stripe.shut_down().await;
            }));
        }
        tasks.extend([schedules_task, mail_events_task, poller_task]);
        tasks.extend(queue_tasks);
        Ok(Self { poller, schedules, tasks })
    }
}

/// Returns what handles an event of SES: the worker is invoked if one of its rules passes the event.
fn mail_event_handler(
    function: &Function,
    invocation: &Invocation,
) -> Result<HandleMailEvent, StartError> {
    let patterns = function.event_patterns.iter().map(EventPattern::parse_object);
    let patterns: Vec<_> = patterns.collect::<Result<_, _>>().map_err(StartError::Template)?;
    let invocation = invocation.clone();
    Ok(Box::new(move |event| {
        let is_passed = patterns.iter().any(|pattern| pattern.matches(&event));
        let invocation = invocation.clone();
        async move {
            if is_passed {
                invocation.run_event(&event).await;
            }
        }
        .boxed()
    }))
}

/// Starts the mappings of the worker's queues.
fn start_queue_pollers(
    function: &Function,
    services: &AwsServices,
    worker: &Worker,
    stream: &StreamPoller,
    environment: &Environment,
) -> Result<Vec<StoppableTask>, StartError> {
    let stream = stream.clone();
    let config = QueuePollerConfig {
        worker: worker.clone(),
        timeout: function.timeout,
        event_listener: environment.event_listener.clone(),
        wake_stream: Arc::new(move || stream.wake()),
    };
    let start = |source: &QueueSource| {
        let name = source.queue(&function.name)?;
        let queue = services.queues.named(name).ok_or_else(|| format!("no FIFO queue {name}"))?;
        Ok(start_poller(queue.clone(), config.clone()))
    };
    function.queues.iter().map(start).collect::<Result<_, _>>().map_err(StartError::Template)
}

fn worker_function(template: &Template) -> Result<&Function, String> {
    let function = template.functions.iter().find(|function| function.binary == WORKER);
    function.ok_or_else(|| format!("no function with the binary {WORKER}"))
}
