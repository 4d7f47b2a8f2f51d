//! HELLO and AUTH. There is one user, `default`, whom every password lets in.

use redipy::{Bytes, Result, Value, texts};
use redipy_resp::Protocol;

use super::client::check_name;
use super::info::VERSION;
use super::{Connection, Events};

const USER: &[u8] = b"default";

impl Connection {
    pub(super) fn auth(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        match args {
            [_, _] => texts::fail(texts::AUTH_WITHOUT_PASSWORD),
            [_, user, _] => {
                check_user(user)?;
                self.say(Value::OK, events);
                Ok(())
            }
            _ => texts::fail(texts::SYNTAX),
        }
    }

    pub(super) fn hello(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        let protocol = args.get(1).map(|version| protocol(version)).transpose()?;
        let (mut user, mut name) = (None, None);
        let mut rest = args.get(2..).unwrap_or_default();
        while let [option, more @ ..] = rest {
            rest = match more {
                [by, _, more @ ..] if option.eq_ignore_ascii_case(b"AUTH") => {
                    user = Some(*by);
                    more
                }
                [by, more @ ..] if option.eq_ignore_ascii_case(b"SETNAME") => {
                    check_name(by)?;
                    name = Some(*by);
                    more
                }
                _ => return Err(texts::hello_option(option)),
            };
        }
        user.map_or(Ok(()), check_user)?;
        if let Some(name) = name {
            self.about.change(|details| details.name = Bytes::from(name));
        }
        self.protocol = protocol.unwrap_or(self.protocol);
        let about = [
            ("server", Value::bulk("redis")),
            ("version", Value::bulk(VERSION)),
            ("proto", Value::Int(if self.protocol == Protocol::Resp2 { 2 } else { 3 })),
            ("id", Value::Int(self.about.id as i64)),
            ("mode", Value::bulk("standalone")),
            ("role", Value::bulk("master")),
            ("modules", Value::Array(Vec::new())),
        ];
        self.say(Value::Map(about.into_iter().map(|(name, value)| (Value::bulk(name), value)).collect()), events);
        Ok(())
    }
}

fn protocol(version: &[u8]) -> Result<Protocol> {
    match redipy::number::parse_int(version) {
        Some(2) => Ok(Protocol::Resp2),
        Some(3) => Ok(Protocol::Resp3),
        Some(_) => texts::fail(texts::NO_PROTOCOL),
        None => texts::fail(texts::PROTOCOL_NOT_INTEGER),
    }
}

fn check_user(user: &[u8]) -> Result<()> {
    if user == USER { Ok(()) } else { texts::fail(texts::WRONG_PASSWORD) }
}
