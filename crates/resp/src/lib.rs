//! RESP2 and RESP3, the protocols of Redis, without I/O: bytes in, requests and replies out, and back.
//!
//! - [`RequestParser`] is a server's half: it finds commands in what a client sends, multibulk and inline, and borrows their
//!   arguments from the buffer. Limits and texts of its errors are those of Redis 8.2.
//! - [`Tokenizer`] is a client's half: it finds the [`Token`]s of replies, of every type of both protocols, and borrows their
//!   texts. [`ReplyReader`] has a buffer and makes [`Value`](redipy_command::Value)s of them.
//! - [`Writer`] writes a reply in either protocol, as a [`ReplySink`](redipy_command::ReplySink); [`write_command`] a command.
//!
//! Whatever reads remembers its place in what has not come to its end: each byte is looked at a bounded number of times,
//! however small the pieces are in which it comes. Nothing is allocated for what was only announced, nothing recurses, and no
//! bytes make it panic.
//!
//! ```
//! use redipy_command::ReplySink;
//! use redipy_resp::{Parsed, Protocol, RequestLimits, RequestParser, Writer};
//!
//! let (mut parser, mut args, mut out) = (RequestParser::default(), Vec::new(), Vec::new());
//! let received = b"*2\r\n$4\r\nECHO\r\n$5\r\nhello\r\n*1\r\n$4\r\nPI";
//! let Parsed::Request(used) = parser.parse(received, &RequestLimits::default(), &mut args)? else { unreachable!() };
//! assert_eq!(args, [&b"ECHO"[..], b"hello"]);
//! Writer::new(&mut out, Protocol::Resp3).bulk(args[1]);
//! assert_eq!(out, b"$5\r\nhello\r\n");
//!
//! // The next one is cut.
//! let rest = &received[used..];
//! assert!(matches!(parser.parse(rest, &RequestLimits::default(), &mut args)?, Parsed::Incomplete));
//! # Ok::<(), redipy_command::Error>(())
//! ```
#![deny(missing_docs)]

mod inline;
mod number;
mod reader;
mod request;
mod token;
mod writer;

pub use inline::split_args;
pub use reader::{Incoming, ReplyReader};
pub use request::{Parsed, RequestLimits, RequestParser};
pub use token::{Aggregate, Malformed, ReplyLimits, Token, Tokenizer};
pub use writer::{Protocol, Writer, write_command};
