//! Which command is meant, and where it may stand.

use redipy::connection::{
    Auth, ClientCaching, ClientGetName, ClientGetRedir, ClientHelp, ClientId, ClientInfo, ClientKill, ClientList,
    ClientNoEvict, ClientNoTouch, ClientPause, ClientReply, ClientSetInfo, ClientSetName, ClientTracking,
    ClientTrackingInfo, ClientUnblock, ClientUnpause, Hello, Ping, Quit, Reset, Select,
};
use redipy::encoded::unknown;
use redipy::pubsub::{PSubscribe, PUnsubscribe, Subscribe, Unsubscribe};
use redipy::server::Info;
use redipy::transaction::{Discard, Exec, Multi, Unwatch, Watch};
use redipy::{Command, Encoded, Error, Result, Spec, spec::CommandId, texts};

use super::{Connection, Events};

/// What performs a command that concerns the connection.
pub type Own = fn(&mut Connection, &[&[u8]], &mut Events) -> Result<()>;

pub const EXEC: &str = Exec::SPEC.name;
pub const MULTI: &str = Multi::SPEC.name;
pub const SELECT: &str = Select::SPEC.name;
pub const UNWATCH: &str = Unwatch::SPEC.name;

macro_rules! table {
    ($($command:ident: $own:ident,)*) => {
        /// What performs the commands that concern the connection, by their numbers.
        static OWN: [Option<Own>; CommandId::COUNT + 1] = {
            let mut own: [Option<Own>; CommandId::COUNT + 1] = [None; CommandId::COUNT + 1];
            $(own[$command::SPEC.id.index()] = Some(Connection::$own);)*
            own
        };
    };
}

table! {
    Auth: auth,
    ClientCaching: client_caching,
    ClientGetName: client_getname,
    ClientGetRedir: client_getredir,
    ClientHelp: client_help,
    ClientId: client_id,
    ClientInfo: client_info,
    ClientKill: client_kill,
    ClientList: client_list,
    ClientNoEvict: client_no_evict,
    ClientNoTouch: client_no_touch,
    ClientPause: client_pause,
    ClientReply: client_reply,
    ClientSetInfo: client_setinfo,
    ClientSetName: client_setname,
    ClientTracking: client_tracking,
    ClientTrackingInfo: client_trackinginfo,
    ClientUnblock: client_unblock,
    ClientUnpause: client_unpause,
    Discard: discard,
    Exec: exec,
    Hello: hello,
    Info: info,
    Multi: multi,
    PSubscribe: psubscribe,
    PUnsubscribe: punsubscribe,
    Ping: ping,
    Quit: quit,
    Reset: reset,
    Select: select,
    Subscribe: subscribe,
    Unsubscribe: unsubscribe,
    Unwatch: unwatch,
    Watch: watch,
}

/// What a command is called in statistics that nobody knows.
const UNKNOWN: &str = "NULL";

/// Where a command may stand that others may not.
#[derive(Clone, Copy)]
pub enum Place {
    /// Where only messages are expected, which is so for a connection of RESP2 that listens.
    WhileListening,
    /// It is performed at once also inside MULTI.
    NeverQueued,
}

/// A command that exists, with a number of arguments that it can have.
pub struct Known {
    spec: &'static Spec,
    /// Its name in upper case: `GET`, `CLIENT ID`.
    pub name: &'static str,
    /// What performs it, unless it concerns the data alone.
    pub own: Option<Own>,
}

impl Known {
    /// Looks a command up.
    ///
    /// # Errors
    /// What a server says of it, and under which name it is counted.
    pub fn look_up(command: &Encoded, args: &[&[u8]]) -> std::result::Result<Self, (&'static str, Error)> {
        let Some(spec) = command.spec().filter(|spec| exists(spec)) else {
            let error = unknown(args, exists);
            let container =
                command.as_ref().container().filter(|container| container.commands.iter().any(|spec| exists(spec)));
            return Err((container.map_or(UNKNOWN, |container| container.name), error));
        };
        if !spec.accepts(args.len()) {
            return Err((spec.name, texts::arity(spec.name)));
        }
        Ok(Self { spec, name: spec.name, own: own(spec) })
    }

    /// Whether EXEC leaves it to what holds the data.
    pub fn is_of_data(&self) -> bool {
        self.own.is_none() || self.name == SELECT || self.name == UNWATCH
    }

    /// Whether it may stand there.
    pub fn has(&self, place: Place) -> bool {
        match place {
            Place::WhileListening => self.spec.while_listening,
            Place::NeverQueued => self.spec.unqueued,
        }
    }

    /// Whether RESP2 shows the pairs of its reply one after the other, where RESP3 has an array for each.
    pub fn has_flat_pairs(&self) -> bool {
        self.spec.pairs
    }
}

fn own(spec: &Spec) -> Option<Own> {
    OWN[spec.id.index()]
}

/// Whether there is such a command: what concerns a connection must be performed here.
fn exists(spec: &Spec) -> bool {
    own(spec).is_some() || spec.handling.session.is_none()
}
