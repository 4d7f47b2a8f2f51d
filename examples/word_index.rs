//! A search index in sets. Which words a text has is said by a function of our own, which the script
//! language does not have: one row with its Lua text and its native code adds it to both targets.

use redipy::prelude::*;
use redipy::script::functions::Function;
use redipy::script::value::Val;
use redipy::script::{RedisSet, Type, script, strs};
use redipy::{Redis, Result};

/// The words of a text, in lower case; punctuation and spaces are between them.
static WORDS: Function = Function::new(
    "words",
    &[Type::STR],
    Type::LIST,
    "function(text)
  local words = {[0] = 0}
  for word in text:lower():gmatch('%w+') do
    words[0] = words[0] + 1
    words[words[0]] = word
  end
  return words
end",
    |args| {
        let text = args[0].as_bytes().unwrap_or_default().to_ascii_lowercase();
        let words = text.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        Ok(Val::list(words.map(|word| Val::Str(word.into())).collect()))
    },
);

fn main() -> Result<()> {
    let r = support::connect("words:")?;
    let index = r.register(script(|f| {
        let (texts, id, text) = (f.hash("texts"), f.arg("id"), f.arg("text"));
        f.add(texts.hset((&id, &text)));
        let new = f.local(0);
        f.for_(WORDS.call([&text]), |b, _, word| {
            let holders = RedisSet::new(strs!(texts.key(), ":", &word));
            b.assign(&new, &new + holders.sadd(&id));
        });
        f.returns(&new);
    }))?;
    for (id, text) in [("a", "The lock is free."), ("b", "The key, the LOCK, the door"), ("c", "")] {
        let new: i64 = index.key("texts", "words:").arg("id", id).arg("text", text).call(&r)?.decode()?;
        println!("{id}: {new} words");
    }
    for word in ["lock", "door", "window"] {
        println!("{word} is in {:?}", found(&r, word)?);
    }
    Ok(())
}

fn found(r: &Redis, word: &str) -> Result<Vec<String>> {
    let mut ids: Vec<String> = r.smembers(format!("words::{word}"))?.iter().map(ToString::to_string).collect();
    ids.sort();
    Ok(ids)
}
