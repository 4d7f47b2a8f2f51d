//! Commands out of the bytes that a client sends, which may be cut anywhere.

use std::ops::Range;

use redipy::{Encoded, Result, texts};

/// The bytes that have come and are not used up, and how far the command in them has been read.
#[derive(Default)]
pub struct Incoming {
    bytes: Vec<u8>,
    at: usize,
    /// How many words the command has; None between commands.
    announced: Option<usize>,
    words: Vec<Range<usize>>,
}

impl Incoming {
    /// More bytes have come.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next command, if all of it has come.
    ///
    /// # Errors
    /// That the bytes are no commands: nothing can be read after that.
    pub fn next(&mut self) -> Result<Option<Encoded>> {
        loop {
            let announced = match self.announced {
                Some(announced) => announced,
                None => match self.number(b'*')? {
                    Some(announced) => *self.announced.insert(announced),
                    None => return Ok(None),
                },
            };
            while self.words.len() < announced {
                if !self.word()? {
                    return Ok(None);
                }
            }
            let command = self.words.split_first().map(|(name, words)| {
                let words = words.iter().map(|word| &self.bytes[word.clone()]);
                words.fold(Encoded::raw(&self.bytes[name.clone()]), Encoded::arg)
            });
            self.bytes.drain(..self.at);
            (self.at, self.announced) = (0, None);
            self.words.clear();
            // A server passes over a command of no words.
            if command.is_some() {
                return Ok(command);
            }
        }
    }

    /// Reads a word; whether all of it has come.
    fn word(&mut self) -> Result<bool> {
        let begin = self.at;
        let Some(len) = self.number(b'$')? else { return Ok(false) };
        let word = self.at..self.at + len;
        if self.bytes.len() < word.end + LINE_END.len() {
            self.at = begin;
            return Ok(false);
        }
        self.at = word.end + LINE_END.len();
        self.words.push(word);
        Ok(true)
    }

    /// Reads a line with a number, if all of it has come.
    fn number(&mut self, kind: u8) -> Result<Option<usize>> {
        let rest = &self.bytes[self.at..];
        let Some(end) = rest.windows(LINE_END.len()).position(|two| two == LINE_END) else {
            return if rest.len() > LONGEST_LINE { Err(texts::not_resp(kind, rest[0])) } else { Ok(None) };
        };
        match &rest[..end] {
            [first, digits @ ..] if *first == kind => {
                let number = redipy::number::parse_int(digits).and_then(|number| usize::try_from(number).ok());
                let number = number.filter(|number| *number <= LARGEST);
                self.at += end + LINE_END.len();
                let wrong = if kind == b'*' { texts::MULTIBULK_LENGTH } else { texts::BULK_LENGTH };
                number.map_or_else(|| texts::fail(wrong), |number| Ok(Some(number)))
            }
            line => Err(texts::not_resp(kind, line.first().copied().unwrap_or(b'\r'))),
        }
    }
}

const LINE_END: &[u8] = b"\r\n";
/// What is longer is no number.
const LONGEST_LINE: usize = 64;
/// The largest text that a server takes, and more than the words of any command.
const LARGEST: usize = 512 << 20;
