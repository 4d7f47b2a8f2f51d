//! Real servers for tests: where they are, starting them on free ports, and one per test process to share.
//!
//! `scripts/fetch-servers` brings the programs. A server started here ends with its [`Server`], and also
//! with the test process, however that dies (see `process`). Talking to servers is [`wire`](crate::wire)'s.

mod process;

use std::ffi::OsString;
use std::io::{self, Error, ErrorKind, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::{env, fs};

use crate::wire::Client;
use process::{Failure, Process};

/// How often another free port is tried when somebody else took the one that was free a moment ago.
const PORT_TRIES: usize = 10;

/// A server program that the project is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flavor {
    /// Redis 7.0, the oldest one that is supported.
    Redis70,
    /// Redis 8.2, the one whose behaviour is ours.
    Redis82,
    /// Valkey 9.1.
    Valkey91,
}

impl Flavor {
    /// Every flavor.
    pub const ALL: [Flavor; 3] = [Flavor::Redis70, Flavor::Redis82, Flavor::Valkey91];

    /// `redis` or `valkey`.
    pub fn name(self) -> &'static str {
        match self {
            Flavor::Redis70 | Flavor::Redis82 => "redis",
            Flavor::Valkey91 => "valkey",
        }
    }

    /// The version without its patch level, such as `8.2`.
    pub fn version(self) -> &'static str {
        match self {
            Flavor::Redis70 => "7.0",
            Flavor::Redis82 => "8.2",
            Flavor::Valkey91 => "9.1",
        }
    }

    /// The environment variable that names the program, ahead of every other place.
    pub fn variable(self) -> &'static str {
        match self {
            Flavor::Redis70 => "REDIPY_REDIS_70",
            Flavor::Redis82 => "REDIPY_REDIS_82",
            Flavor::Valkey91 => "REDIPY_VALKEY_91",
        }
    }

    /// The program: the one [`variable`](Flavor::variable) names, or the one that `scripts/fetch-servers`
    /// brought, or the one on the `PATH`; the first that runs and has this flavor's version.
    pub fn find(self) -> Option<PathBuf> {
        self.found().map(|found| found.program.clone())
    }

    fn found(self) -> Option<&'static Found> {
        static FOUND: [OnceLock<Option<Found>>; 3] = [const { OnceLock::new() }; 3];
        FOUND[self as usize].get_or_init(|| self.look()).as_ref()
    }

    fn look(self) -> Option<Found> {
        let program = format!("{}-server", self.name());
        let fetched = format!("servers/{self}/{program}").replace(' ', "-");
        let on_path = env::var_os("PATH").unwrap_or_default();
        env::var_os(self.variable())
            .map(PathBuf::from)
            .into_iter()
            .chain([cache().join(fetched)])
            .chain(env::split_paths(&on_path).map(|dir| dir.join(&program)))
            .filter(|program| program.is_file())
            .find_map(|program| Some(Found { version: self.version_of(&program)?, program }))
    }

    /// The program's full version, when it is one of this flavor.
    fn version_of(self, program: &Path) -> Option<String> {
        let output = std::process::Command::new(program).arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let version = text.split_ascii_whitespace().find_map(|word| word.strip_prefix("v="))?;
        let fits = text.to_ascii_lowercase().starts_with(self.name())
            && version.strip_prefix(self.version()).is_some_and(|patch| patch.starts_with('.'));
        fits.then(|| version.to_owned())
    }
}

impl std::fmt::Display for Flavor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name(), self.version())
    }
}

struct Found {
    program: PathBuf,
    version: String,
}

/// Where `scripts/fetch-servers` puts things: like the script, counted from the root of the repository.
fn cache() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join(env::var_os("REDIPY_CACHE").filter(|cache| !cache.is_empty()).unwrap_or(".cache".into()))
}

/// What a server is started with, beside what every one has: a free port, an empty directory, nothing saved.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The default user's password: letters and digits.
    pub password: Option<String>,
    /// Whether it listens on a Unix socket too.
    pub unix_socket: bool,
    /// More arguments, such as `["--maxmemory", "100mb"]`.
    pub args: Vec<String>,
}

/// A running server of the test's own. It ends, and its directory goes, when this is dropped.
pub struct Server {
    /// What it is.
    pub flavor: Flavor,
    /// Its full version, such as `8.2.3`.
    pub version: &'static str,
    program: &'static Path,
    options: Options,
    port: u16,
    dir: PathBuf,
    process: Option<Process>,
}

impl Server {
    /// Starts a server and waits till it answers.
    pub fn start(flavor: Flavor) -> io::Result<Server> {
        Server::start_with(flavor, Options::default())
    }

    /// Starts a server with options and waits till it answers.
    pub fn start_with(flavor: Flavor, options: Options) -> io::Result<Server> {
        let found = flavor.found().ok_or_else(|| Error::new(ErrorKind::NotFound, absence(flavor)))?;
        let mut server = Server {
            flavor,
            version: &found.version,
            program: &found.program,
            options,
            port: 0,
            dir: own_directory(flavor)?,
            process: None,
        };
        let mut tries = 0;
        loop {
            tries += 1;
            server.port = free_port()?;
            match server.launch() {
                Err(Failure::PortTaken) if tries < PORT_TRIES => {}
                result => return result.map(|()| server).map_err(Error::from),
            }
        }
    }

    /// The port on 127.0.0.1. It stays the same over [`stop`](Server::stop) and [`restart`](Server::restart).
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL, such as `redis://127.0.0.1:40961`, with the password if there is one.
    pub fn url(&self) -> String {
        match &self.options.password {
            Some(password) => format!("redis://:{password}@127.0.0.1:{}", self.port),
            None => format!("redis://127.0.0.1:{}", self.port),
        }
    }

    /// The Unix socket, if one was asked for.
    pub fn socket_path(&self) -> Option<PathBuf> {
        self.options.unix_socket.then(|| self.dir.join("socket"))
    }

    /// A new connection, logged in, in RESP3.
    pub fn client(&self) -> io::Result<Client> {
        let mut client = Client::connect_resp2(self.port)?;
        client.hello(self.options.password.as_deref())?;
        Ok(client)
    }

    /// Kills the server at once: clients see their connections end, and nothing listens on the port.
    pub fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.stop();
        }
    }

    /// Starts the server again on the same port, stopping it first if it runs. The keys are gone, unless
    /// the options say to save them.
    pub fn restart(&mut self) -> io::Result<()> {
        self.stop();
        Ok(self.launch()?)
    }

    fn launch(&mut self) -> Result<(), Failure> {
        let process = Process::start(self.program, &self.arguments(), &self.dir, self.port)?;
        self.process = Some(process);
        Ok(())
    }

    fn arguments(&self) -> Vec<OsString> {
        let port = self.port.to_string();
        let fixed = [
            ["--port", &port],
            ["--bind", "127.0.0.1"],
            ["--save", ""],
            ["--appendonly", "no"],
            ["--protected-mode", "no"],
            ["--enable-debug-command", "yes"],
        ];
        let mut arguments: Vec<OsString> = fixed.as_flattened().iter().map(OsString::from).collect();
        arguments.extend(["--dir".into(), self.dir.clone().into()]);
        if let Some(password) = &self.options.password {
            arguments.extend(["--requirepass".into(), password.into()]);
        }
        if let Some(socket) = self.socket_path() {
            arguments.extend(["--unixsocket".into(), socket.into()]);
        }
        arguments.extend(self.options.args.iter().map(OsString::from));
        arguments
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        // What is left of a directory in the temporary one does no harm.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A port that was free a moment ago.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn own_directory(flavor: Flavor) -> io::Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("redipy-{}-{}-{number}", flavor.name(), std::process::id());
        let dir = env::temp_dir().join(name);
        match fs::create_dir(&dir) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            result => return result.map(|()| dir),
        }
    }
}

/// A server that all tests of one process share.
pub struct Shared {
    server: Server,
    turn: Mutex<()>,
}

impl Shared {
    /// The server. Whoever uses it without a [`turn`](Shared::turn) keeps to keys of its own.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Waits till no other test has the server to itself, and empties it. The turn ends with the guard.
    ///
    /// # Panics
    ///
    /// When the server does not answer.
    pub fn turn(&self) -> MutexGuard<'_, ()> {
        // A test that failed in its turn leaves nothing behind that FLUSHALL does not clear.
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let emptied = self.server.client().and_then(|mut client| client.ask("FLUSHALL"));
        assert!(
            matches!(&emptied, Ok(reply) if !reply.is_error()),
            "{} does not empty: {emptied:?}",
            self.server.flavor
        );
        turn
    }
}

/// The one server of this flavor in this test process, started by whoever asks first. None when its
/// program cannot be found: then [`missing`] has said so, and the test has nothing to do.
///
/// # Panics
///
/// When the program is there and does not start, and when [`missing`] does.
pub fn shared(flavor: Flavor) -> Option<&'static Shared> {
    static SHARED: [OnceLock<Option<Shared>>; 3] = [const { OnceLock::new() }; 3];
    let shared = SHARED[flavor as usize].get_or_init(|| {
        flavor.found()?;
        match Server::start(flavor) {
            Ok(server) => Some(Shared { server, turn: Mutex::new(()) }),
            Err(error) => panic!("{flavor} does not start: {error}"),
        }
    });
    if shared.is_none() {
        missing(flavor);
    }
    shared.as_ref()
}

/// Says loudly that a server is not there, once for each test process, past the test harness that would
/// swallow it.
///
/// # Panics
///
/// When servers are required: in CI (`CI` is set), or with `REDIPY_REQUIRE_SERVERS=1`.
pub fn missing(flavor: Flavor) {
    static SAID: [OnceLock<()>; 3] = [const { OnceLock::new() }; 3];
    let in_ci = env::var_os("CI").is_some_and(|value| !value.is_empty());
    let required = in_ci || env::var_os("REDIPY_REQUIRE_SERVERS").is_some_and(|value| value == "1");
    assert!(!required, "{}", absence(flavor));
    SAID[flavor as usize].get_or_init(|| {
        let line = "!".repeat(78);
        let note = format!("\n{line}\n!!! SKIPPED: {}\n{line}\n", absence(flavor));
        // A note that cannot be written is no reason to fail the test.
        let _ = io::stderr().write_all(note.as_bytes());
    });
}

fn absence(flavor: Flavor) -> String {
    format!("{flavor} is not on this machine; run scripts/fetch-servers, or set {}", flavor.variable())
}
