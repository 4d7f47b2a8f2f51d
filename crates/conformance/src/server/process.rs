//! One server process that cannot outlive the test process.
//!
//! The server is started through a small shell script whose standard input is a pipe that only the test
//! process holds open. The kernel closes it however that process ends, so the script sees the end of the
//! file and kills the server; a destructor or an exit hook would not run after `kill -9`. The script is a
//! process group of its own, so a Ctrl-C at the terminal ends the tests first and the server by the pipe.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Error, ErrorKind, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::wire::{Client, Reply};

/// How long a server may take from its start to its first answer.
const START_TIME: Duration = Duration::from_secs(10);

/// The script; its arguments are the server's directory and command line. A line on standard input stops
/// the server; the end of standard input stops it and removes the directory too, as then nobody else will.
///
/// The guard ignores TERM once it has read: the status it leaves with is what tells the two apart, while
/// the TERM is for a guard that still waits when the server has ended by itself.
const SCRIPT: &str = r#"
    dir=$1; shift
    exec 3<&0 </dev/null
    "$@" 3<&- &
    server=$!
    { read -r line <&3; told=$?; trap '' TERM; kill -9 $server; exit $told; } 2>/dev/null &
    guard=$!
    exec 3<&-
    wait $server
    status=$?
    kill $guard 2>/dev/null
    wait $guard
    if [ $? = 1 ]; then rm -rf -- "$dir"; fi
    exit $status
"#;

/// A server that runs, and the script around it.
pub(super) struct Process {
    script: Child,
}

/// Why a server did not start.
pub(super) enum Failure {
    /// Somebody else listens on the port.
    PortTaken,
    /// Anything else.
    Other(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Other(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        match failure {
            Failure::PortTaken => Error::new(ErrorKind::AddrInUse, "the server's port is taken"),
            Failure::Other(error) => error,
        }
    }
}

impl Process {
    /// Starts the server and waits till it answers on the port.
    pub(super) fn start(program: &Path, args: &[OsString], dir: &Path, port: u16) -> Result<Process, Failure> {
        let log_path = dir.join("log");
        let log = File::create(&log_path)?;
        let mut command = Command::new("sh");
        command.arg("-c").arg(SCRIPT).arg("sh").arg(dir).arg(program).args(args);
        command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = Process { script: command.spawn()? };
        match process.wait_till_ready(&log_path, port) {
            Ok(()) => Ok(process),
            Err(failure) => {
                process.stop();
                Err(failure)
            }
        }
    }

    /// Kills the server, and returns when it is gone.
    pub(super) fn stop(mut self) {
        if let Some(mut pipe) = self.script.stdin.take() {
            // A script that has ended already does not read: the server is gone as wished.
            let _ = pipe.write_all(b"stop\n");
        }
        let _ = self.script.wait();
    }

    /// Looks into the log first: only there it shows that it is this server that has the port, and not
    /// another test's that was quicker.
    fn wait_till_ready(&mut self, log: &Path, port: u16) -> Result<(), Failure> {
        let end = Instant::now() + START_TIME;
        while Instant::now() < end {
            let ended = self.script.try_wait()?.is_some();
            let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
            if ended {
                return Err(failure(&text));
            }
            if text.contains("Ready to accept connections") && answers(port)? {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Err(Error::new(ErrorKind::TimedOut, "the server does not answer").into())
    }
}

/// Whether a server answers PING, be it with the wish for a password.
fn answers(port: u16) -> io::Result<bool> {
    Ok(match Client::connect_resp2(port)?.ask("PING")? {
        Reply::Simple(text) => text == b"PONG",
        Reply::Error(text) => text.starts_with(b"NOAUTH"),
        _ => false,
    })
}

fn failure(log: &str) -> Failure {
    if log.contains("Address already in use") {
        return Failure::PortTaken;
    }
    let last = log.lines().rev().take(5).collect::<Vec<_>>();
    let last = last.into_iter().rev().collect::<Vec<_>>().join("\n");
    Failure::Other(Error::other(format!("the server ended while it started; its log ends:\n{last}")))
}
