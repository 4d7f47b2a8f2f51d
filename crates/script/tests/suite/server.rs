//! What tests against real servers need: a server of their own, a small client, and a host that passes commands on.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redipy_command::{Result, Spec, Value};
use redipy_resp::{Incoming, ReplyReader, write_command};
use redipy_script::{Host, Script, ScriptCall, decode_reply};

/// A server that ends with the test.
pub struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts `redis-server`, or what `REDIPY_TEST_SERVER` names; None, said loudly, where there is none.
    pub fn start() -> Option<Self> {
        let program = std::env::var("REDIPY_TEST_SERVER").unwrap_or_else(|_| "redis-server".to_owned());
        let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let dir = std::env::temp_dir();
        let child = Command::new(&program)
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(dir)
            .stdout(Stdio::null())
            .spawn();
        let Ok(child) = child else {
            eprintln!("SKIPPED: {program} cannot be started, so nothing is compared with a real server");
            return None;
        };
        Some(Self { child, port })
    }

    /// A connection that speaks this version of RESP.
    pub fn connect(&self, version: u8) -> Client {
        for _ in 0..200 {
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                let mut client = Client { stream, reader: ReplyReader::default() };
                if client.command(&[b"HELLO", version.to_string().as_bytes()]).is_ok() {
                    return client;
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server does not answer");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection.
pub struct Client {
    stream: TcpStream,
    reader: ReplyReader,
}

impl Client {
    /// Sends a command and reads its reply.
    pub fn command<A: AsRef<[u8]>>(&mut self, args: &[A]) -> Result<Value> {
        let mut out = Vec::new();
        write_command(args.iter().map(AsRef::as_ref), &mut out);
        self.stream.write_all(&out).expect("the server reads");
        self.reply().into_result()
    }

    /// A command as one line of words.
    pub fn line(&mut self, line: &str) -> Result<Value> {
        self.command(&line.split(' ').collect::<Vec<_>>())
    }

    fn reply(&mut self) -> Value {
        loop {
            match self.reader.read().expect("RESP") {
                Some(Incoming::Reply(reply)) => return reply,
                Some(Incoming::Push(_)) => {}
                None => {
                    let count = self.stream.read(self.reader.room().expect("room")).expect("the server answers");
                    assert!(count > 0, "the server has closed the connection");
                    self.reader.filled(count);
                }
            }
        }
    }

    /// Runs a script's Lua.
    pub fn eval(&mut self, call: &ScriptCall) -> Result<Value> {
        let script: &Script = call.script();
        let sha = self.command(&[b"SCRIPT", &b"LOAD"[..], script.lua().as_bytes()])?;
        assert_eq!(sha, Value::bulk(script.sha1()));
        let mut args = vec![b"EVALSHA".to_vec()];
        args.extend(call.evalsha_args()?);
        self.command(&args).map_err(redipy_script::clean_error).and_then(decode_reply)
    }

    /// Everything that is stored, in a fixed order.
    pub fn dump(&mut self) -> Vec<(Value, Value)> {
        let mut keys = self.line("KEYS *").and_then(Value::into_items).expect("keys");
        keys.sort_by_key(|key| key.clone().decode::<redipy_command::Bytes>().expect("a key"));
        let mut out = Vec::new();
        for key in keys {
            let name = key.clone().decode::<redipy_command::Bytes>().expect("a key");
            let mut read = |words: &[&str]| {
                let mut args: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
                args.insert(1, name.to_vec());
                self.command(&args).expect("a value")
            };
            let Value::Status(kind) = read(&["TYPE"]) else { panic!("no type") };
            let value = match kind.as_ref() {
                "string" => read(&["GET"]),
                "list" => read(&["LRANGE", "0", "-1"]),
                "hash" => sorted(read(&["HGETALL"])),
                "set" => sorted(read(&["SMEMBERS"])),
                _ => read(&["ZRANGE", "0", "-1", "WITHSCORES"]),
            };
            let expires = read(&["PTTL"]) != Value::Int(-1);
            out.push((key, Value::Array(vec![value, Value::Bool(expires)])));
        }
        out
    }
}

fn sorted(value: Value) -> Value {
    let text = |value: &Value| format!("{value:?}");
    match value {
        Value::Set(mut items) => {
            items.sort_by_key(text);
            Value::Set(items)
        }
        Value::Map(mut pairs) => {
            pairs.sort_by_key(|(key, _)| text(key));
            Value::Map(pairs)
        }
        other => other,
    }
}

/// The register machine's commands go to a real server, one by one.
impl Host for Client {
    fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value> {
        let mut all = vec![spec.name.as_bytes()];
        all.extend_from_slice(args);
        self.command(&all)
    }
}
