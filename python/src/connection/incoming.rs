//! Commands out of the bytes that a client sends, which may be cut anywhere.

use redipy::{Encoded, Result};
use redipy_resp::{Parsed, RequestLimits, RequestParser};

/// The bytes that have come and are not used up, and how far the command in them has been read.
#[derive(Default)]
pub struct Incoming {
    bytes: Vec<u8>,
    /// Before this all is used up.
    at: usize,
    parser: RequestParser,
}

impl Incoming {
    /// More bytes have come.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.bytes.drain(..std::mem::take(&mut self.at));
        self.bytes.extend_from_slice(bytes);
    }

    /// The next command, if all of it has come.
    ///
    /// # Errors
    /// That the bytes are no commands: nothing can be read after that.
    pub fn next(&mut self) -> Result<Option<Encoded>> {
        let mut words = Vec::new();
        loop {
            let (command, used) =
                match self.parser.parse(&self.bytes[self.at..], &RequestLimits::default(), &mut words)? {
                    Parsed::Incomplete => return Ok(None),
                    Parsed::Request(used) => (command(&words), used),
                    Parsed::Inline(words, used) => (command(&words), used),
                };
            self.at += used;
            // A server passes over a command of no words.
            if command.is_some() {
                return Ok(command);
            }
        }
    }
}

fn command<W: AsRef<[u8]>>(words: &[W]) -> Option<Encoded> {
    let (name, words) = words.split_first()?;
    Some(words.iter().fold(Encoded::raw(name.as_ref()), |command, word| command.arg(word.as_ref())))
}
