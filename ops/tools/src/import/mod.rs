//! `ops-tools import`: moves accounts, organizations and memberships in from another system.
//!
//! The file is read twice, because the owner of an organization may stand below its members. The first pass creates
//! the accounts and the organizations that they own, the second one the memberships of other accounts.
//!
//! Each step changes nothing if it was done before, so an import can be interrupted and repeated. The steps of a chunk
//! of lines are spread over queues by address or organization, which run side by side. So steps that change the same
//! items run one after the other and do not conflict.

mod line;
mod lines;
mod pass;
mod progress;
mod steps;
mod tally;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

use futures_util::FutureExt;
use futures_util::future::join_all;
use shared::accounts::password::FirebaseParameters;
use shared::context::Context;

use crate::console::print_line;
use crate::error::ToolError;
use crate::flags::Flags;
use line::ImportLine;
use lines::{Lines, NumberedLine};
use pass::Pass;
use progress::{ImportProgress, ProgressFile};
use steps::{Importer, Step};
use tally::{ImportOutcome, ImportTally};

/// Number of lines of a chunk. After each chunk the progress is written.
const CHUNK_SIZE: usize = 1_000;

/// Default number of steps that run at the same time. A new account writes about ten items.
const DEFAULT_CONCURRENCY: usize = 16;

/// Maximum number of steps that run at the same time.
const MAX_CONCURRENCY: usize = 256;

/// Number of chunks between two printed lines about the progress.
const CHUNKS_PER_NOTICE: u64 = 10;

/// The options of an import, from the command line.
pub(crate) struct ImportOptions {
    file: PathBuf,
    firebase: Option<FirebaseParameters>,
    concurrency: usize,
    apply: bool,
}

impl ImportOptions {
    /// Reads the options from the command line.
    ///
    /// # Errors
    /// `Usage` if an option is unknown or out of range, `File` if the file of `--firebase` cannot be read.
    pub(crate) fn parse(arguments: Vec<String>) -> Result<Self, ToolError> {
        let flags = Flags::parse(arguments, &["--apply"], &["--firebase", "--concurrency"])?;
        let concurrency = flags.value("--concurrency")?.unwrap_or(DEFAULT_CONCURRENCY);
        if !(1..=MAX_CONCURRENCY).contains(&concurrency) {
            return Err(ToolError::Usage(format!("--concurrency is 1 to {MAX_CONCURRENCY}")));
        }
        let read_parameters = |path: &str| {
            let path = PathBuf::from(path);
            let json = std::fs::read(&path).map_err(|error| ToolError::file(&path, error))?;
            // The message of the error could quote the signer key.
            serde_json::from_slice(&json)
                .map_err(|_| ToolError::file(&path, "not the JSON of a project's parameters"))
        };
        let firebase = flags.text("--firebase").map(read_parameters).transpose()?;
        let file = flags.require_one_positional("file of accounts")?.into();
        Ok(Self { file, firebase, concurrency, apply: flags.has("--apply") })
    }
}

/// Imports the file. Returns whether no line was refused and no call has failed, also before an interruption.
///
/// # Errors
/// - `File` if a file cannot be read or written.
/// - `Stopped` if every step of a chunk has failed.
pub(crate) async fn import(ctx: &Context, options: &ImportOptions) -> Result<bool, ToolError> {
    let progress_file = ProgressFile::of(&options.file);
    let metadata = std::fs::metadata(&options.file);
    let file_len = metadata.map_err(|error| ToolError::file(&options.file, error))?.len();
    let start = if options.apply { progress_file.read(file_len)? } else { None };
    if let Some(start) = start {
        print_line(&format!("goes on after line {} of the pass {:?}", start.line, start.pass));
    }
    if !options.apply {
        print_line("dry run: nothing is written; --apply imports");
    }
    let beginning = ImportProgress { pass: Pass::Accounts, line: 0, is_clean: true, file_len };
    let start = start.unwrap_or(beginning);
    let mut importer = Importer::new(ctx, options.apply);
    let mut total = ImportTally::default();
    for pass in [Pass::Accounts, Pass::Memberships].into_iter().filter(|pass| *pass >= start.pass) {
        let done_before = if pass == start.pass { start.line } else { 0 };
        let mut lines = Lines::open(&options.file)?;
        let mut chunks = 0;
        loop {
            let chunk = lines.next_chunk(CHUNK_SIZE)?;
            let Some(last) = chunk.last().map(|(number, _)| *number) else { break };
            let todo = chunk.into_iter().filter(|(number, _)| *number > done_before);
            let (tally, have_all_failed) = import_chunk(&mut importer, options, pass, todo).await;
            total.add(tally);
            if have_all_failed {
                total.print();
                let why =
                    "every step of a chunk of lines has failed; fix the cause and import again";
                return Err(ToolError::Stopped(why));
            }
            if options.apply && last > done_before {
                let is_clean = start.is_clean && total.is_clean();
                progress_file.write(ImportProgress { pass, line: last, is_clean, file_len })?;
            }
            chunks += 1;
            if chunks % CHUNKS_PER_NOTICE == 0 {
                print_line(&format!("pass {pass:?}: {last} lines done"));
            }
        }
    }
    if options.apply {
        progress_file.remove()?;
    }
    total.print();
    if !start.is_clean {
        print_line("lines were refused or have failed before the interruption: import again");
    }
    Ok(start.is_clean && total.is_clean())
}

/// Runs the steps of a chunk of lines. Returns their outcomes, and whether all steps have failed. Without steps, none
/// has failed.
async fn import_chunk(
    importer: &mut Importer<'_>,
    options: &ImportOptions,
    pass: Pass,
    lines: impl Iterator<Item = NumberedLine>,
) -> (ImportTally, bool) {
    let mut tally = ImportTally::default();
    let mut queues: Vec<Vec<Step>> = (0..options.concurrency).map(|_| Vec::new()).collect();
    for (number, text) in lines {
        let parsed = text.and_then(|text| ImportLine::parse(&text, options.firebase.as_ref()));
        match parsed {
            // The first pass has reported the refusal.
            Err(_) if pass == Pass::Memberships => {}
            Err(refused) => tally.report(number, ImportOutcome::AccountRefused, refused),
            Ok(line) => {
                for step in importer.steps(pass, number, line, &mut tally) {
                    let queue = queue_index(&step.group(), queues.len());
                    queues[queue].push(step);
                }
            }
        }
    }
    let importer = &*importer;
    let steps: usize = queues.iter().map(Vec::len).sum();
    let runs = queues.into_iter().map(|steps| async move {
        let mut tally = ImportTally::default();
        for step in steps {
            // Boxed, because the compiler gives up on the types of futures that are nested this deep in others.
            importer.run(step, &mut tally).boxed_local().await;
        }
        tally
    });
    for queue_tally in join_all(runs).await {
        tally.add(queue_tally);
    }
    let have_all_failed = steps > 0 && u64::try_from(steps) == Ok(tally.failed());
    (tally, have_all_failed)
}

/// Returns the index of the queue that runs the steps of a group.
fn queue_index(group: &str, queues: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    group.hash(&mut hasher);
    let queues = u64::try_from(queues).unwrap_or(u64::MAX);
    usize::try_from(hasher.finish() % queues).unwrap_or_default()
}
