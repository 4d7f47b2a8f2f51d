//! A tiny store: what a script's host must do, and no more.

use std::collections::{BTreeMap, HashMap, VecDeque};

use redipy_command::{Bytes, Error, Result, Spec, Value, texts};
use redipy_script::Host;

/// A value of the store.
pub enum Entry {
    Text(Bytes),
    List(VecDeque<Bytes>),
    Hash(BTreeMap<Bytes, Bytes>),
}

/// Keys and values, and what was logged.
#[derive(Default)]
pub struct Store {
    pub keys: HashMap<Bytes, Entry>,
    pub logged: Vec<String>,
}

impl Store {
    pub fn with_list(key: &str, items: &[&str]) -> Self {
        let mut store = Self::default();
        store.keys.insert(key.into(), Entry::List(items.iter().map(|item| Bytes::from(*item)).collect()));
        store
    }

    /// The items of a list, as text.
    pub fn items(&self, key: &str) -> Vec<String> {
        match self.keys.get(key.as_bytes()) {
            Some(Entry::List(items)) => items.iter().map(Bytes::to_text).collect(),
            _ => Vec::new(),
        }
    }

    fn list(&mut self, key: &[u8]) -> Result<&mut VecDeque<Bytes>> {
        match self.keys.entry(key.into()).or_insert_with(|| Entry::List(VecDeque::new())) {
            Entry::List(items) => Ok(items),
            _ => Err(texts::WRONG_TYPE.into()),
        }
    }

    fn hash(&mut self, key: &[u8]) -> Result<&mut BTreeMap<Bytes, Bytes>> {
        match self.keys.entry(key.into()).or_insert_with(|| Entry::Hash(BTreeMap::new())) {
            Entry::Hash(fields) => Ok(fields),
            _ => Err(texts::WRONG_TYPE.into()),
        }
    }
}

impl Host for Store {
    fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value> {
        Ok(match (spec.name, args) {
            ("LPOP", [key]) => self.list(key)?.pop_front().into(),
            ("RPUSH", [key, items @ ..]) => {
                let list = self.list(key)?;
                list.extend(items.iter().map(|item| Bytes::from(*item)));
                Value::Int(list.len() as i64)
            }
            ("LLEN", [key]) => Value::Int(self.list(key)?.len() as i64),
            ("GET", [key]) => match self.keys.get(*key) {
                Some(Entry::Text(text)) => text.clone().into(),
                Some(_) => return Err(texts::WRONG_TYPE.into()),
                None => Value::Null,
            },
            ("SET", [key, value]) => {
                self.keys.insert((*key).into(), Entry::Text((*value).into()));
                Value::OK
            }
            ("HGET", [key, field]) => self.hash(key)?.get(*field).cloned().into(),
            ("HSET", [key, field, value]) => {
                Value::Int(self.hash(key)?.insert((*field).into(), (*value).into()).is_none().into())
            }
            (name, _) => return Err(Error::reply(format!("ERR the store has no {name}"))),
        })
    }

    fn log(&mut self, level: &str, message: &str) {
        self.logged.push(format!("{level}: {message}"));
    }
}
