//! Starts every real server, and shows that each comes back after a restart and that none outlives its tests.

use std::collections::HashSet;
use std::env;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use redipy_conformance::server::{Flavor, Options, Server, missing, shared};
use redipy_conformance::wire::{Client, Reply};

/// Set in the process that `no_server_outlives_a_killed_test_process` starts and kills.
const HOLD: &str = "REDIPY_TEST_HOLD_SERVERS";

/// The flavors that are here; the others are announced.
fn flavors() -> impl Iterator<Item = Flavor> {
    Flavor::ALL.into_iter().filter(|flavor| {
        let found = flavor.find().is_some();
        if !found {
            missing(*flavor);
        }
        found
    })
}

fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn field(client: &mut Client, name: &str) -> String {
    let info = client.ask("INFO server").unwrap();
    let lines = info.as_str().unwrap().lines();
    lines.filter_map(|line| line.split_once(':')).find(|(key, _)| *key == name).unwrap().1.to_owned()
}

#[test]
fn every_server_starts_answers_and_ends() {
    for flavor in flavors() {
        let server = Server::start(flavor).unwrap();
        let port = server.port();
        let mut client = server.client().unwrap();
        assert_eq!(client.ask("PING").unwrap(), Reply::simple("PONG"));
        assert_eq!(field(&mut client, &format!("{}_version", flavor.name())), server.version);
        assert!(server.version.starts_with(flavor.version()));
        drop(server);
        assert!(client.ask("PING").is_err());
        assert!(!listens(port), "{flavor} still listens");
    }
}

#[test]
fn a_restart_keeps_the_port_and_not_the_keys() {
    for flavor in flavors() {
        let mut server = Server::start(flavor).unwrap();
        let port = server.port();
        let mut old = server.client().unwrap();
        old.ask("SET key value").unwrap();
        server.stop();
        assert!(!listens(port));
        server.restart().unwrap();
        assert!(old.ask("PING").is_err());
        assert_eq!(server.port(), port);
        assert_eq!(server.client().unwrap().ask("GET key").unwrap(), Reply::Null);
        server.restart().unwrap();
        assert_eq!(server.client().unwrap().ask("DBSIZE").unwrap(), Reply::Integer(0));
    }
}

#[test]
fn options_set_a_password_a_socket_and_arguments() {
    for flavor in flavors() {
        let options = Options { password: Some("secret".into()), unix_socket: true, ..Options::default() };
        let args = ["--maxmemory", "100mb"].map(String::from).to_vec();
        let server = Server::start_with(flavor, Options { args, ..options }).unwrap();
        assert_eq!(server.url(), format!("redis://:secret@127.0.0.1:{}", server.port()));
        assert!(Client::connect(server.port()).is_err());
        let maxmemory = server.client().unwrap().ask("CONFIG GET maxmemory").unwrap();
        assert_eq!(maxmemory, Reply::Map(vec![(Reply::bulk("maxmemory"), Reply::bulk("104857600"))]));

        let path = server.socket_path().unwrap();
        assert!(path.exists());
        drop(server);
        assert!(!path.parent().unwrap().exists());

        let options = Options { unix_socket: true, ..Options::default() };
        let server = Server::start_with(flavor, options).unwrap();
        let mut client = Client::connect_unix(&server.socket_path().unwrap()).unwrap();
        assert_eq!(client.ask("ECHO hi").unwrap(), Reply::bulk("hi"));
    }
}

#[test]
fn a_server_that_refuses_its_arguments_says_why() {
    for flavor in flavors() {
        let options = Options { args: vec!["--no-such-option".into(), "1".into()], ..Options::default() };
        let error = Server::start_with(flavor, options).err().unwrap().to_string();
        assert!(error.contains("no-such-option"), "{error}");
    }
}

#[test]
fn many_servers_find_ports_of_their_own() {
    for flavor in flavors() {
        let starts: Vec<_> = (0..8).map(|_| thread::spawn(move || Server::start(flavor).unwrap())).collect();
        let servers: Vec<_> = starts.into_iter().map(|start| start.join().unwrap()).collect();
        for server in &servers {
            server.client().unwrap().call(["SET", "port", &server.port().to_string()]).unwrap();
        }
        for server in &servers {
            assert_eq!(server.client().unwrap().ask("GET port").unwrap(), Reply::bulk(server.port().to_string()));
        }
    }
}

#[test]
fn a_shared_server_is_one_and_its_turn_begins_empty() {
    for flavor in flavors() {
        let first = shared(flavor).unwrap();
        let turn = first.turn();
        first.server().client().unwrap().ask("SET key value").unwrap();
        drop(turn);
        let second = shared(flavor).unwrap();
        assert_eq!(first.server().port(), second.server().port());
        let _turn = second.turn();
        assert_eq!(second.server().client().unwrap().ask("DBSIZE").unwrap(), Reply::Integer(0));
    }
}

#[test]
fn the_wire_reads_a_pipeline_of_every_type() {
    let kinds = [
        "string", "integer", "double", "bignum", "null", "array", "set", "map", "attrib", "push", "verbatim", "true",
        "false",
    ];
    for flavor in flavors() {
        let mut client = shared(flavor).unwrap().server().client().unwrap();
        let pipeline = kinds.map(|kind| ["DEBUG", "PROTOCOL", kind].map(Vec::from).to_vec());
        client.send_all(&pipeline).unwrap();
        // One more than there are commands: a push answers none.
        let replies = client.read_all(kinds.len() + 1).unwrap();
        assert!(!replies.iter().any(Reply::is_error), "{flavor}: {replies:?}");
        let different: HashSet<_> = replies.iter().map(std::mem::discriminant).collect();
        // Two of the kinds are booleans; the reply that comes with the push is a string again.
        assert_eq!(different.len(), kinds.len() - 1, "{flavor}: {replies:?}");
        assert_eq!(client.ask("PING").unwrap(), Reply::simple("PONG"));
    }
}

/// Prints port and directory of one server of each flavor, then waits to be killed.
#[test]
fn holds_servers_when_told_to() {
    if env::var_os(HOLD).is_none() {
        return;
    }
    for flavor in flavors() {
        let mut client = shared(flavor).unwrap().server().client().unwrap();
        let Reply::Map(dir) = client.ask("CONFIG GET dir").unwrap() else { panic!("no directory") };
        println!("\nheld {} {}", field(&mut client, "tcp_port"), dir[0].1.as_str().unwrap());
    }
    println!("\nheld all");
    thread::sleep(Duration::from_secs(60));
}

#[test]
fn no_server_outlives_a_killed_test_process() {
    let mut holder = Command::new(env::current_exe().unwrap())
        .args(["--exact", "holds_servers_when_told_to", "--nocapture"])
        .env(HOLD, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(holder.stdout.take().unwrap()).lines().map(Result::unwrap);
    let held: Vec<String> = lines
        .take_while(|line| line != "held all")
        .filter_map(|line| line.strip_prefix("held ").map(str::to_owned))
        .collect();
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(held.len(), flavors().count());

    for server in held {
        let (port, dir) = server.split_once(' ').unwrap();
        let end = Instant::now() + Duration::from_secs(10);
        while listens(port.parse().unwrap()) || Path::new(dir).exists() {
            assert!(Instant::now() < end, "port {port} or {dir} is still there");
            thread::sleep(Duration::from_millis(20));
        }
    }
}
