//! CLIENT.

use std::sync::Arc;

use redipy::number::parse_int;
use redipy::{Bytes, Result, Value, texts};

use super::about::Details;
use super::{About, Connection, Events, Voice};

/// What CLIENT HELP says.
const HELP: &str = include_str!("help.txt");

/// Refuses a name with spaces or special characters.
///
/// # Errors
/// That names cannot have them.
pub fn check_name(name: &[u8]) -> Result<()> {
    if is_plain(name) { Ok(()) } else { texts::fail(texts::CLIENT_NAME) }
}

fn is_plain(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_graphic)
}

/// What an option that is on or off says.
fn is_on(word: &[u8]) -> Result<bool> {
    match &*word.to_ascii_uppercase() {
        b"ON" => Ok(true),
        b"OFF" => Ok(false),
        _ => texts::fail(texts::SYNTAX),
    }
}

fn integer(word: &[u8]) -> Result<i64> {
    parse_int(word).map_or_else(|| texts::fail(texts::NOT_INTEGER), Ok)
}

impl Connection {
    fn done(&self, events: &mut Events) -> Result<()> {
        self.say(Value::OK, events);
        Ok(())
    }

    fn note(&self, change: impl FnOnce(&mut Details), events: &mut Events) -> Result<()> {
        self.about.change(change);
        self.done(events)
    }

    pub(super) fn client_caching(&mut self, _: &[&[u8]], _: &mut Events) -> Result<()> {
        texts::fail(texts::CACHING_WITHOUT_TRACKING)
    }

    pub(super) fn client_getname(&mut self, _: &[&[u8]], events: &mut Events) -> Result<()> {
        let name = self.about.details().name.clone();
        self.say(if name.is_empty() { Value::Null } else { Value::Bulk(name) }, events);
        Ok(())
    }

    pub(super) fn client_getredir(&mut self, _: &[&[u8]], events: &mut Events) -> Result<()> {
        self.say(Value::Int(-1), events);
        Ok(())
    }

    pub(super) fn client_help(&mut self, _: &[&[u8]], events: &mut Events) -> Result<()> {
        self.say(Value::Array(HELP.lines().map(|line| Value::Status(line.into())).collect()), events);
        Ok(())
    }

    pub(super) fn client_id(&mut self, _: &[&[u8]], events: &mut Events) -> Result<()> {
        self.say(Value::Int(self.about.id as i64), events);
        Ok(())
    }

    pub(super) fn client_info(&mut self, _: &[&[u8]], events: &mut Events) -> Result<()> {
        self.say(Value::bulk(self.about.line()), events);
        Ok(())
    }

    pub(super) fn client_list(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        let chosen: Box<dyn Fn(&About) -> bool> = match args {
            [_, _] => Box::new(|_| true),
            [_, _, option, name] if option.eq_ignore_ascii_case(b"TYPE") => {
                let name = type_name(name)?;
                Box::new(move |about| about.is_of_type(name))
            }
            [_, _, option, ids @ ..] if option.eq_ignore_ascii_case(b"ID") && !ids.is_empty() => {
                let id = |id: &&[u8]| parse_int(id).map_or_else(|| texts::fail(texts::CLIENT_ID), Ok);
                let ids = ids.iter().map(id).collect::<Result<Vec<i64>>>()?;
                Box::new(move |about| ids.contains(&(about.id as i64)))
            }
            _ => return texts::fail(texts::SYNTAX),
        };
        let all = self.about.store.connections();
        let lines = all.iter().filter(|about| chosen(about)).flat_map(|about| about.line());
        self.say(Value::bulk(lines.collect::<Vec<u8>>()), events);
        Ok(())
    }

    pub(super) fn client_kill(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        let all = self.about.store.connections();
        if let [_, _, address] = args {
            let found = all.iter().find(|about| about.address().as_bytes() == *address);
            let Some(found) = found else { return texts::fail(texts::NO_SUCH_CLIENT) };
            found.close();
            return self.done(events);
        }
        let filter = Filter::of(&args[2..])?;
        let chosen: Vec<&Arc<About>> = all.iter().filter(|about| filter.takes(about, self.about.id)).collect();
        chosen.iter().for_each(|about| about.close());
        self.say(Value::Int(chosen.len() as i64), events);
        Ok(())
    }

    pub(super) fn client_no_evict(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        let on = is_on(args[2])?;
        self.note(|details| details.no_evict = on, events)
    }

    pub(super) fn client_no_touch(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        let on = is_on(args[2])?;
        self.note(|details| details.no_touch = on, events)
    }

    /// Nothing here can be held up, so only a pause of no length is accepted.
    pub(super) fn client_pause(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        match args {
            [_, _, _] => {}
            [_, _, _, mode] if mode.eq_ignore_ascii_case(b"WRITE") || mode.eq_ignore_ascii_case(b"ALL") => {}
            [_, _, _, _] => return texts::fail(texts::PAUSE_MODE),
            _ => return Err(texts::wrong_subcommand("CLIENT", args[1])),
        }
        match parse_int(args[2]) {
            None => texts::fail(texts::TIMEOUT_NOT_INTEGER),
            Some(..0) => texts::fail(texts::TIMEOUT_NEGATIVE),
            Some(0) => self.done(events),
            Some(_) => Err(texts::without_a_server("CLIENT PAUSE")),
        }
    }

    pub(super) fn client_reply(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        match &*args[2].to_ascii_uppercase() {
            b"ON" => {
                self.voice = Voice::On;
                return self.done(events);
            }
            b"OFF" => self.voice = Voice::Off,
            b"SKIP" if self.voice == Voice::Off => {}
            b"SKIP" => self.voice = Voice::SkipsNext,
            _ => return texts::fail(texts::SYNTAX),
        }
        Ok(())
    }

    pub(super) fn client_setinfo(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        let (option, value) = (args[2], Bytes::from(args[3]));
        let place: fn(&mut Details) -> &mut Bytes = match &*option.to_ascii_uppercase() {
            b"LIB-NAME" => |details| &mut details.lib_name,
            b"LIB-VER" => |details| &mut details.lib_ver,
            _ => return Err(texts::unrecognized_option(option)),
        };
        if !is_plain(&value) {
            return Err(texts::special_characters(option));
        }
        self.note(|details| *place(details) = value, events)
    }

    pub(super) fn client_setname(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        check_name(args[2])?;
        self.note(|details| details.name = Bytes::from(args[2]), events)
    }

    /// Nobody caches what is here, so tracking can only be off.
    pub(super) fn client_tracking(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        let tracking = Tracking::of(&args[3..], &self.about)?;
        if is_on(args[2])? {
            tracking.check()?;
            return Err(texts::without_a_server("CLIENT TRACKING"));
        }
        self.done(events)
    }

    pub(super) fn client_trackinginfo(&mut self, _: &[&[u8]], events: &mut Events) -> Result<()> {
        let flags = ("flags", Value::Set(vec![Value::bulk("off")]));
        let info = [flags, ("redirect", Value::Int(-1)), ("prefixes", Value::Array(Vec::new()))];
        self.say(Value::Map(info.into_iter().map(|(name, value)| (Value::bulk(name), value)).collect()), events);
        Ok(())
    }

    /// No command here waits, so nobody is found.
    pub(super) fn client_unblock(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        match args {
            [_, _, _] => {}
            [_, _, _, reason] if reason.eq_ignore_ascii_case(b"TIMEOUT") || reason.eq_ignore_ascii_case(b"ERROR") => {}
            [_, _, _, _] => return texts::fail(texts::UNBLOCK_REASON),
            _ => return Err(texts::wrong_subcommand("CLIENT", args[1])),
        }
        integer(args[2])?;
        self.say(Value::Int(0), events);
        Ok(())
    }

    pub(super) fn client_unpause(&mut self, _: &[&[u8]], events: &mut Events) -> Result<()> {
        self.done(events)
    }
}

/// The types of clients.
fn type_name(name: &[u8]) -> Result<&'static str> {
    match &*name.to_ascii_lowercase() {
        b"normal" => Ok("normal"),
        b"slave" | b"replica" => Ok("replica"),
        b"pubsub" => Ok("pubsub"),
        b"master" => Ok("master"),
        _ => Err(texts::unknown_client_type(name)),
    }
}

/// Which connections CLIENT KILL ends.
#[derive(Default)]
struct Filter<'a> {
    id: Option<i64>,
    kind: Option<&'static str>,
    address: Option<&'a [u8]>,
    local_address: Option<&'a [u8]>,
    takes_self: bool,
    age: Option<i64>,
}

impl<'a> Filter<'a> {
    fn of(mut options: &[&'a [u8]]) -> Result<Self> {
        let mut filter = Self::default();
        while let [option, rest @ ..] = options {
            let [value, rest @ ..] = rest else { return texts::fail(texts::SYNTAX) };
            match &*option.to_ascii_uppercase() {
                b"ID" => filter.id = Some(positive(value, texts::CLIENT_ID_POSITIVE, texts::CLIENT_ID_POSITIVE)?),
                b"TYPE" => filter.kind = Some(type_name(value)?),
                b"ADDR" => filter.address = Some(value),
                b"LADDR" => filter.local_address = Some(value),
                b"USER" if **value == *b"default" => {}
                b"USER" => return Err(texts::no_such_user(value)),
                b"SKIPME" if value.eq_ignore_ascii_case(b"YES") => filter.takes_self = false,
                b"SKIPME" if value.eq_ignore_ascii_case(b"NO") => filter.takes_self = true,
                b"MAXAGE" => filter.age = Some(positive(value, texts::MAXAGE_NOT_INTEGER, texts::MAXAGE_POSITIVE)?),
                _ => return texts::fail(texts::SYNTAX),
            }
            options = rest;
        }
        Ok(filter)
    }

    fn takes(&self, about: &About, own: u64) -> bool {
        let is_own = about.id == own;
        (self.takes_self || !is_own)
            && self.id.is_none_or(|id| about.id as i64 == id)
            && self.kind.is_none_or(|kind| about.is_of_type(kind))
            && self.address.is_none_or(|address| about.address().as_bytes() == address)
            && self.local_address.is_none_or(|address| About::LOCAL_ADDRESS.as_bytes() == address)
            && self.age.is_none_or(|age| about.age() as i64 >= age)
    }
}

fn positive(value: &[u8], not_integer: texts::Text, not_positive: texts::Text) -> Result<i64> {
    match parse_int(value) {
        None => texts::fail(not_integer),
        Some(..=0) => texts::fail(not_positive),
        Some(number) => Ok(number),
    }
}

/// The options of CLIENT TRACKING.
#[derive(Default)]
struct Tracking {
    redirects: bool,
    is_broadcast: bool,
    opts_in: bool,
    opts_out: bool,
    has_prefix: bool,
}

impl Tracking {
    fn of(mut options: &[&[u8]], about: &About) -> Result<Self> {
        let exists = |id: i64| about.store.connections().iter().any(|about| about.id as i64 == id);
        let mut tracking = Self::default();
        while let [option, rest @ ..] = options {
            let mut rest = rest;
            match (&*option.to_ascii_uppercase(), rest) {
                (b"REDIRECT", [id, more @ ..]) => {
                    if tracking.redirects {
                        return texts::fail(texts::TRACKING_ONE_REDIRECT);
                    }
                    if !exists(integer(id)?) {
                        return texts::fail(texts::TRACKING_NO_SUCH_CLIENT);
                    }
                    tracking.redirects = true;
                    rest = more;
                }
                (b"PREFIX", [_, more @ ..]) => {
                    tracking.has_prefix = true;
                    rest = more;
                }
                (b"BCAST", _) => tracking.is_broadcast = true,
                (b"OPTIN", _) => tracking.opts_in = true,
                (b"OPTOUT", _) => tracking.opts_out = true,
                (b"NOLOOP", _) => {}
                _ => return texts::fail(texts::SYNTAX),
            }
            options = rest;
        }
        Ok(tracking)
    }

    /// Refuses options that do not go together.
    fn check(&self) -> Result<()> {
        if self.has_prefix && !self.is_broadcast {
            return texts::fail(texts::TRACKING_PREFIX);
        }
        if self.is_broadcast && (self.opts_in || self.opts_out) {
            return texts::fail(texts::TRACKING_BROADCAST);
        }
        if self.opts_in && self.opts_out {
            return texts::fail(texts::TRACKING_IN_AND_OUT);
        }
        Ok(())
    }
}
