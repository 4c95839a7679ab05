//! The test binary's end of `supervise.py`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};
use std::time::Duration;

use serde_json::{Value, json};

use super::wait::poll;

/// A process to run.
#[derive(Debug)]
pub(crate) struct Process {
    /// Its name in the run directory: `<name>.pid`, `logs/<name>.log`.
    pub(crate) name: String,
    /// Program and arguments.
    pub(crate) argv: Vec<String>,
    /// Variables on top of this process's own.
    pub(crate) env: BTreeMap<String, String>,
}

impl Process {
    /// A process without variables of its own.
    pub(crate) fn new(name: &str, program: &Path, arguments: impl IntoIterator<Item = String>) -> Process {
        let argv = std::iter::once(program.display().to_string())
            .chain(arguments)
            .collect();
        Process {
            name: name.to_string(),
            argv,
            env: BTreeMap::new(),
        }
    }
}

/// A running supervisor; everything that it started stops when this value, or this process, ends.
#[derive(Debug)]
pub(crate) struct Supervisor {
    directory: PathBuf,
    /// Usually not waited for: it works on after this process has ended.
    child: Child,
    pipe: Arc<Mutex<ChildStdin>>,
}

/// The pipes to tell of a panic anywhere in this process.
static PIPES: Mutex<Vec<Weak<Mutex<ChildStdin>>>> = Mutex::new(Vec::new());

impl Supervisor {
    /// Starts a supervisor over an existing directory, which it removes at its end if all went well.
    ///
    /// On `stderr` it says where the logs are, if it keeps them.
    pub(crate) fn spawn(directory: &Path, stderr: Stdio) -> Supervisor {
        let mut child = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/supervise.py"))
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(stderr)
            // Ctrl-C at the terminal ends the tests; the supervisor then still has to stop the lab.
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("`python3`, which supervises the lab, cannot be run: {error}"));
        let pipe = Arc::new(Mutex::new(child.stdin.take().expect("a piped stdin")));
        PIPES
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::downgrade(&pipe));
        keep_logs_after_panics();
        Supervisor {
            directory: directory.to_path_buf(),
            child,
            pipe,
        }
    }

    /// Closes the pipe, waits until everything has stopped, and returns what it said if its stderr was piped.
    pub(crate) fn end(self) -> String {
        drop(self.pipe);
        let output = self.child.wait_with_output().expect("the supervisor ends");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Starts a process and returns its pid.
    pub(crate) fn start(&self, process: &Process) -> u32 {
        let Process { name, argv, env } = process;
        self.send(&json!({"start": {"name": name, "argv": argv, "env": env}}));
        let pid = poll(Duration::from_secs(20), || {
            let pid = fs::read_to_string(self.directory.join(format!("{name}.pid"))).ok();
            pid.or_else(|| self.exit(name).map(|_| String::new()))
        });
        pid.and_then(|pid| pid.parse().ok())
            .unwrap_or_else(|| panic!("`{name}` could not be started:\n{}", self.log_tail(name)))
    }

    /// Returns how a process ended, if it ended by itself.
    pub(crate) fn exit(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.directory.join(format!("{name}.exit"))).ok()
    }

    /// Returns the last lines that a process printed.
    pub(crate) fn log_tail(&self, name: &str) -> String {
        let path = self.directory.join(format!("logs/{name}.log"));
        let log = fs::read(&path)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        format!(
            "{}:\n{}",
            path.display(),
            lines[lines.len().saturating_sub(30)..].join("\n")
        )
    }

    /// Tells it that something begins (`begin`), ended well (`ok`), or failed (`keep`).
    pub(crate) fn note(&self, note: &str) {
        self.send(&json!({"note": note}));
    }

    fn send(&self, message: &Value) {
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = writeln!(pipe, "{message}") {
            // While a failed test unwinds, its own message matters, not this one.
            assert!(
                std::thread::panicking(),
                "the lab's supervisor is gone ({error}): `{}`",
                self.directory.display()
            );
        }
    }
}

/// Tells every supervisor about a panic in any thread: its logs will be wanted.
fn keep_logs_after_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // `try_lock`: the panicking thread may hold one of these itself.
            for pipe in PIPES
                .try_lock()
                .iter()
                .flat_map(|pipes| pipes.iter())
                .filter_map(Weak::upgrade)
            {
                if let Ok(mut pipe) = pipe.try_lock() {
                    // A supervisor that is gone keeps its directory anyway.
                    let _ = writeln!(pipe, "{}", json!({"note": "keep"}));
                }
            }
            usual(panic);
        }));
    });
}
