//! CLIENT and its subcommands, and what begins and ends a conversation. Clients send these by themselves, so none has a method;
//! their declarations are used by the code that sends, refuses or performs them.

use crate::arg::{Arg, LateInt, Many};
use crate::args::Args;
use crate::error::Result;
use crate::execute::Parse;
use crate::field::Field;
use crate::spec::{Argument, ArgumentKind};
use crate::value::Value;
use crate::{Command, Token};

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Token)]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Token)]
pub enum OnOff {
    /// On.
    On,
    /// Off.
    Off,
}

/// Logs in.
#[derive(Debug, Clone, Command)]
#[command("AUTH", connection, session, fast, loading, stale, noscript, allow_busy, no_auth, since = "1.0.0",
    complexity = "O(N) in the passwords of the user", reply = Value, parse = manual)]
#[method()]
pub struct Auth<'a> {
    /// The user.
    #[argument("username", since = "6.0.0")]
    pub username: Option<Arg<'a>>,
    /// The password.
    pub password: Arg<'a>,
}

/// The password is the last argument.
impl<'a> Parse<'a> for Auth<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let username = if args.len() > 1 { Some(Arg::read(&mut args)?) } else { None };
        let password = Arg::read(&mut args)?;
        args.end().map(|()| Self { username, password })
    }
}

/// Begins a conversation, in a version of the protocol.
#[derive(Debug, Clone, Command)]
#[command("HELLO", connection, session = Handshake, fast, loading, stale, noscript, allow_busy, no_auth, since = "6.0.0",
    complexity = "O(1)", reply = Value, arguments = HELLO)]
#[method()]
pub struct Hello<'a> {
    /// The version, the login and the name of the client.
    pub arguments: Option<Many<Arg<'a>>>,
}

const HELLO: &[Argument] = &[Argument {
    name: "arguments",
    optional: true,
    inside: &[
        integer("protover"),
        Argument {
            name: "auth",
            optional: true,
            token: Some("AUTH"),
            inside: &[text("username"), text("password")],
            ..Argument::of(ArgumentKind::Block)
        },
        text("clientname").after("SETNAME").optional(),
    ],
    ..Argument::of(ArgumentKind::Block)
}];

/// Resets the connection to the state in which it was opened.
#[derive(Debug, Clone, Command)]
#[command("RESET", connection, session = Handshake, unqueued, while_listening, fast, loading, stale, noscript, allow_busy, no_auth,
    since = "6.2.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct Reset {}

/// Closes the connection.
#[derive(Debug, Clone, Command)]
#[command("QUIT", connection, session = Handshake, unqueued, while_listening, fast, loading, stale, noscript, allow_busy, no_auth,
    since = "1.0.0", complexity = "O(1)", reply = Value, arguments = Argument::NONE,
    deprecated = "7.2.0", instead = "just closing the connection")]
#[method()]
pub struct Quit<'a> {
    /// Ignored.
    pub arguments: Option<Many<Arg<'a>>>,
}

/// Sets whether the keys of the next command are tracked.
#[derive(Debug, Clone, Command)]
#[command("CLIENT CACHING", connection, session, loading, stale, noscript, since = "6.0.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ClientCaching {
    /// Whether they are.
    pub mode: YesNo,
}

/// Returns the name of the connection.
#[derive(Debug, Clone, Command)]
#[command("CLIENT GETNAME", connection, loading, stale, noscript, since = "2.6.9", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ClientGetName {}

/// Returns the client to which notifications of tracked keys go.
#[derive(Debug, Clone, Command)]
#[command("CLIENT GETREDIR", connection, loading, stale, noscript, since = "6.0.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ClientGetRedir {}

/// Returns what can be asked of CLIENT.
#[derive(Debug, Clone, Command)]
#[command("CLIENT HELP", connection, loading, stale, since = "5.0.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ClientHelp {}

/// Returns the number of the connection.
#[derive(Debug, Clone, Command)]
#[command("CLIENT ID", connection, loading, stale, noscript, since = "5.0.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ClientId {}

/// Returns what is known of the connection.
#[derive(Debug, Clone, Command)]
#[command("CLIENT INFO", connection, loading, stale, noscript, since = "6.2.0", complexity = "O(1)", reply = Value,
    tip = "nondeterministic_output")]
#[method()]
pub struct ClientInfo {}

/// Closes connections.
#[derive(Debug, Clone, Command)]
#[command("CLIENT KILL", connection, admin, loading, stale, noscript, since = "2.4.0",
    complexity = "O(N) in the connections", reply = Value, arguments = KILL)]
#[method()]
pub struct ClientKill<'a> {
    /// Filters that select the clients.
    pub filters: Many<Arg<'a>>,
}

const KILL: &[Argument] = &[Argument {
    name: "filter",
    inside: &[
        text("old-format").shown("ip:port"),
        Argument {
            name: "new-format",
            multiple: true,
            inside: &[
                integer("client-id").after("ID").since("2.8.12").optional(),
                Argument {
                    name: "client-type",
                    token: Some("TYPE"),
                    since: Some("2.8.12"),
                    optional: true,
                    inside: &[
                        word("normal", "NORMAL"),
                        word("master", "MASTER").since("3.2.0"),
                        word("slave", "SLAVE"),
                        word("replica", "REPLICA").since("5.0.0"),
                        word("pubsub", "PUBSUB"),
                    ],
                    ..Argument::of(ArgumentKind::OneOf)
                },
                text("username").after("USER").optional(),
                text("addr").shown("ip:port").after("ADDR").optional(),
                text("laddr").shown("ip:port").after("LADDR").since("6.2.0").optional(),
                Argument {
                    name: "skipme",
                    token: Some("SKIPME"),
                    optional: true,
                    inside: YesNo::ARGUMENT.inside,
                    ..Argument::of(ArgumentKind::OneOf)
                },
                integer("maxage").after("MAXAGE").since("7.4.0").optional(),
            ],
            ..Argument::of(ArgumentKind::OneOf)
        },
    ],
    ..Argument::of(ArgumentKind::OneOf)
}];

/// Lists connections.
#[derive(Debug, Clone, Command)]
#[command("CLIENT LIST", connection, admin, loading, stale, noscript, since = "2.4.0",
    complexity = "O(N) in the connections", reply = Value, arguments = LIST, tip = "nondeterministic_output")]
#[method()]
pub struct ClientList<'a> {
    /// Filters that select the clients.
    pub filters: Option<Many<Arg<'a>>>,
}

const LIST: &[Argument] = &[
    Argument {
        name: "client-type",
        token: Some("TYPE"),
        since: Some("5.0.0"),
        optional: true,
        inside: &[
            word("normal", "NORMAL"),
            word("master", "MASTER"),
            word("replica", "REPLICA"),
            word("pubsub", "PUBSUB"),
        ],
        ..Argument::of(ArgumentKind::OneOf)
    },
    integer("client-id").after("ID").since("6.2.0").optional().multiple(),
];

/// Sets whether the connection may be closed when memory runs out.
#[derive(Debug, Clone, Command)]
#[command("CLIENT NO-EVICT", connection, session, admin, loading, stale, noscript, since = "7.0.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ClientNoEvict {
    /// Whether it is kept.
    pub enabled: OnOff,
}

/// Sets whether commands of the connection mark keys as used.
#[derive(Debug, Clone, Command)]
#[command("CLIENT NO-TOUCH", connection, session, loading, stale, noscript, since = "7.2.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ClientNoTouch {
    /// Whether they do not.
    pub enabled: OnOff,
}

/// Pauses clients.
#[derive(Debug, Clone, Command)]
#[command("CLIENT PAUSE", connection, admin, loading, stale, noscript, since = "3.0.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ClientPause<'a> {
    /// For how many milliseconds.
    pub timeout: LateInt<'a>,
    /// Whether those that read, too.
    #[argument("mode", since = "6.2.0")]
    pub mode: Option<PauseMode>,
}

/// The commands that CLIENT PAUSE stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Token)]
pub enum PauseMode {
    /// Commands that write.
    Write,
    /// All commands.
    All,
}

/// Sets whether the server replies.
#[derive(Debug, Clone, Command)]
#[command("CLIENT REPLY", connection, session = Replies, loading, stale, noscript, since = "3.2.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ClientReply {
    /// Whether it does.
    pub action: ReplyMode,
}

/// Whether a server replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Token)]
pub enum ReplyMode {
    /// Replies.
    On,
    /// No replies.
    Off,
    /// No reply to the next command.
    Skip,
}

/// Sets the library of the client.
#[derive(Debug, Clone, Command)]
#[command("CLIENT SETINFO", connection, session, loading, stale, noscript, since = "7.2.0", complexity = "O(1)", reply = Value,
    arguments = SETINFO, tip = "request_policy:all_nodes", tip = "response_policy:all_succeeded")]
#[method()]
pub struct ClientSetInfo<'a> {
    /// Name or version.
    pub attribute: Arg<'a>,
    /// The value.
    pub value: Arg<'a>,
}

const SETINFO: &[Argument] = &[Argument {
    name: "attr",
    inside: &[text("libname").after("LIB-NAME"), text("libver").after("LIB-VER")],
    ..Argument::of(ArgumentKind::OneOf)
}];

/// Names the connection.
#[derive(Debug, Clone, Command)]
#[command("CLIENT SETNAME", connection, session, loading, stale, noscript, since = "2.6.9", complexity = "O(1)", reply = Value,
    tip = "request_policy:all_nodes", tip = "response_policy:all_succeeded")]
#[method()]
pub struct ClientSetName<'a> {
    /// The name.
    pub connection_name: Arg<'a>,
}

/// Sets whether the client is notified of changes to the keys that it has read.
#[derive(Debug, Clone, Command)]
#[command("CLIENT TRACKING", connection, session, loading, stale, noscript, since = "6.0.0", complexity = "O(1)", reply = Value,
    arguments = TRACKING)]
#[method()]
pub struct ClientTracking<'a> {
    /// Whether it is.
    pub status: OnOff,
    /// Options of tracking.
    pub options: Option<Many<Arg<'a>>>,
}

const TRACKING: &[Argument] = &[
    OnOff::ARGUMENT.named("status"),
    integer("client-id").after("REDIRECT").optional(),
    Argument { multiple: true, multiple_token: true, ..text("prefix").after("PREFIX").optional() },
    word("bcast", "BCAST").optional(),
    word("optin", "OPTIN").optional(),
    word("optout", "OPTOUT").optional(),
    word("noloop", "NOLOOP").optional(),
];

/// Returns the mode in which the connection is notified of changes.
#[derive(Debug, Clone, Command)]
#[command("CLIENT TRACKINGINFO", connection, loading, stale, noscript, since = "6.2.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ClientTrackingInfo {}

/// Unblocks another client.
#[derive(Debug, Clone, Command)]
#[command("CLIENT UNBLOCK", connection, admin, loading, stale, noscript, since = "5.0.0", complexity = "O(log(N)) in the connections",
    reply = Value)]
#[method()]
pub struct ClientUnblock<'a> {
    /// The number.
    pub client_id: LateInt<'a>,
    /// The reply that the blocked client gets.
    #[argument("unblock-type")]
    pub told: Option<UnblockAs>,
}

/// The reply of a client that CLIENT UNBLOCK unblocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Token)]
pub enum UnblockAs {
    /// As after a timeout.
    Timeout,
    /// The error `UNBLOCKED`.
    Error,
}

/// Ends a pause of clients.
#[derive(Debug, Clone, Command)]
#[command("CLIENT UNPAUSE", connection, admin, loading, stale, noscript, since = "6.2.0", complexity = "O(N) in the clients that wait",
    reply = Value)]
#[method()]
pub struct ClientUnpause {}

/// Declares capabilities of the client (Valkey).
#[derive(Debug, Clone, Command)]
#[command("CLIENT CAPA", connection, session, loading, stale, noscript, allow_busy, since = "8.0.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ClientCapa<'a> {
    /// The capabilities.
    #[argument("capability")]
    pub capabilities: Many<Arg<'a>>,
}

/// Marks the client as one that imports data (Valkey).
#[derive(Debug, Clone, Command)]
#[command("CLIENT IMPORT-SOURCE", connection, session, loading, stale, noscript, since = "8.1.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ClientImportSource {
    /// Whether it is.
    pub enabled: OnOff,
}

const fn text(name: &'static str) -> Argument {
    Argument::of(ArgumentKind::Str).named(name)
}

const fn integer(name: &'static str) -> Argument {
    Argument::of(ArgumentKind::Integer).named(name)
}

const fn word(name: &'static str, token: &'static str) -> Argument {
    Argument::of(ArgumentKind::PureToken).named(name).after(token)
}
