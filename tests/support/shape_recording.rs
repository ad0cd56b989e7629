//! Writes the request shapes of a test to a file, which `tests/request-shapes` reads, and the rights that its
//! functions used to another, which `tests/unused-rights` reads.

use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process, thread};

use local::RequestShapes;

/// The request shapes of one stack, which are written to a file when it is dropped.
///
/// Records only if `REQUEST_SHAPES_DIR` names a directory.
pub(crate) struct ShapeRecording {
    recorded: Option<(PathBuf, String, RequestShapes)>,
}

impl ShapeRecording {
    /// Starts a recording for the test that runs on this thread.
    pub(crate) fn start() -> Self {
        let recorded = variable("REQUEST_SHAPES_DIR")
            .map(|directory| (directory.into(), test_name(), RequestShapes::default()));
        Self { recorded }
    }

    /// Returns the shapes in which a stack records its requests.
    pub(crate) fn shapes(&self) -> Option<RequestShapes> {
        self.recorded.as_ref().map(|(_, _, shapes)| shapes.clone())
    }
}

impl Drop for ShapeRecording {
    fn drop(&mut self) {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Some((directory, test, shapes)) = self.recorded.take() else { return };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        fs::create_dir_all(&directory).unwrap();
        let name = format!("{}-{number}", process::id());
        fs::write(directory.join(format!("{name}.rights")), shapes.used_rights().join("\n"))
            .unwrap();
        let path = directory.join(format!("{name}.shapes"));
        let mut file = fs::File::create(path).unwrap();
        writeln!(file, "{test}\n{}", shapes.request_count()).unwrap();
        for shape in shapes.list() {
            writeln!(file, "{shape}").unwrap();
        }
    }
}

/// Returns the name of the running test as nextest lists it: the binary and the path of the function.
fn test_name() -> String {
    match (variable("NEXTEST_BINARY_ID"), variable("NEXTEST_TEST_NAME")) {
        (Some(binary), Some(test)) => format!("{binary} {test}"),
        _ => format!("tests::end_to_end {}", thread::current().name().unwrap_or("unknown")),
    }
}

fn variable(name: &str) -> Option<String> {
    env::vars().find(|(variable, _)| variable == name).map(|(_, value)| value)
}
