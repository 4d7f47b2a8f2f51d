//! Text never breaks out of the generated Lua (rule D9), whatever it is and wherever it stands.
//!
//! A program full of hostile text must be, token for token, the program with harmless text in the same places; and a real
//! server must give every text back as it was.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use redipy_script::{
    Draft, Expr, RedisHash, RedisVar, Script, Type, Value, contains, dict, exprs, functions::Function, list, log_text,
    script, strs,
};

use crate::server::Server;

/// The texts of one program.
#[derive(Debug, Clone)]
struct Texts {
    literal: Vec<u8>,
    dict_key: Vec<u8>,
    other_key: Vec<u8>,
    field: Vec<u8>,
    value: Vec<u8>,
    logged: String,
    key_name: String,
    arg_name: String,
    other_arg: String,
    function: String,
    argument: Vec<u8>,
    key: Vec<u8>,
}

impl Texts {
    fn harmless() -> Self {
        let [dict_key, other_key] = [b"a".to_vec(), b"b".to_vec()];
        let [literal, field, value, argument, key] = [b"x"; 5].map(|text| text.to_vec());
        let [key_name, arg_name, other_arg, function] = ["k", "a", "b", "f"].map(str::to_owned);
        Texts {
            literal,
            dict_key,
            other_key,
            field,
            value,
            logged: "m".to_owned(),
            key_name,
            arg_name,
            other_arg,
            function,
            argument,
            key,
        }
    }
}

/// What ends a string, a comment or a line somewhere, and what would do harm outside of one.
const HOSTILE: [&[u8]; 24] = [
    b"\"",
    b"'",
    b"\\",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"]]",
    b"[[",
    b"]==]",
    b"--",
    b"--[[",
    b"\\\"",
    b"\\n",
    b"\\034",
    b"\xff",
    b"\xc3",
    "é😀".as_bytes(),
    b" end ",
    b"\" .. redis.call(\"FLUSHALL\") .. \"",
    b"\n)redis.call('FLUSHALL')--",
    b"${x}",
    b"{{x}}",
    b"%s",
];

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let hostile = proptest::sample::select(&HOSTILE[..]).prop_map(<[u8]>::to_vec);
    let piece = prop_oneof![3 => hostile, 1 => proptest::collection::vec(any::<u8>(), 0..4)];
    proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// Names are text in Rust, so they are never without an encoding.
fn name() -> impl Strategy<Value = String> {
    bytes().prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn texts() -> impl Strategy<Value = Texts> {
    let different = |(a, b): &(String, String)| a != b;
    let bodies = (bytes(), bytes(), bytes(), bytes(), bytes(), bytes(), bytes());
    let names = (name(), name(), name(), (name(), name()).prop_filter("two arguments of one name", different));
    (bodies, names).prop_map(
        |((literal, dict_key, other_key, field, value, argument, key), (logged, key_name, function, args))| {
            let (arg_name, other_arg) = args;
            Texts {
                literal,
                dict_key,
                other_key,
                field,
                value,
                logged,
                key_name,
                arg_name,
                other_arg,
                function,
                argument,
                key,
            }
        },
    )
}

/// Text in every place that text can be in.
fn program(texts: &Texts) -> Draft {
    let text = |bytes: &[u8]| Expr::from(bytes);
    script(|f| {
        let key = f.key(&texts.key_name);
        let (arg, inner) = (f.arg(&texts.arg_name), f.arg(&texts.other_arg));
        let row = Function::of(texts.function.as_str(), [Type::STR], Type::STR, "function(x) return x end", |args| {
            Ok(args[0].clone())
        });
        let (var, hash) = (RedisVar::new(&key), RedisHash::new(strs!(&key, ":", text(&texts.field))));
        f.add(log_text("debug", texts.logged.as_str()));
        f.add(var.set_with(text(&texts.value), exprs!["PX", 60_000]));
        f.add(hash.hset([(text(&texts.field), text(&texts.value)), (Expr::from("arg"), arg.clone())]));
        let known = f.local(dict([(text(&texts.dict_key), text(&texts.literal))]));
        f.set_key(&known, text(&texts.other_key), text(&texts.value));
        f.returns(list(exprs![
            text(&texts.literal),
            &arg,
            inner.at(0),
            &key,
            var.get(),
            hash.hget(text(&texts.field)),
            row.call([hash.hget("arg")]),
            hash.hmget([text(&texts.field)]).get_key(text(&texts.field)),
            known.get_key(text(&texts.other_key)),
            &known,
            Value::Array(vec![
                Value::bulk(texts.literal.clone()),
                Value::Map(vec![(Value::bulk("k"), Value::bulk(texts.value.clone()))])
            ]),
            contains(strs!("<", text(&texts.literal), ">"), text(&texts.literal)),
            arg.eq(text(&texts.argument)),
        ]));
    })
}

/// What that program gives.
fn expected(texts: &Texts) -> Value {
    let text = |bytes: &[u8]| Value::bulk(bytes.to_vec());
    let mut known = vec![(text(&texts.dict_key), text(&texts.literal))];
    known.retain(|(key, _)| *key != text(&texts.other_key));
    known.push((text(&texts.other_key), text(&texts.value)));
    known.sort_by_key(|(key, _)| key.clone().decode::<redipy_command::Bytes>().expect("a key"));
    // The field "arg" was set after the other, which may have the same name.
    let field = if texts.field == b"arg" { &texts.argument } else { &texts.value };
    Value::Array(vec![
        text(&texts.literal),
        text(&texts.argument),
        text(texts.logged.as_bytes()),
        text(&texts.key),
        text(&texts.value),
        text(field),
        text(&texts.argument),
        text(field),
        text(&texts.value),
        Value::Map(known),
        Value::Array(vec![text(&texts.literal), Value::Map(vec![(text(b"k"), text(&texts.value))])]),
        Value::Bool(true),
        Value::Bool(true),
    ])
}

/// A token of Lua, without what is in a string.
#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Number(String),
    Text,
    Sign(char),
}

/// Reads a string up to its quote; the rest behind it.
fn after_string(mut rest: &str) -> Result<&str, String> {
    loop {
        let at = rest.find(['"', '\\', '\n']).ok_or("a string without end")?;
        match &rest[at..=at] {
            "\"" => return Ok(&rest[at + 1..]),
            // What follows a backslash is a letter or the first of three digits, and never ends the string.
            "\\" => rest = rest.get(at + 2..).ok_or("a string without end")?,
            _ => return Err("a line ends in a string".to_owned()),
        }
    }
}

/// The tokens of a script. There are no comments and no long brackets in generated Lua.
fn tokens(lua: &str) -> Result<Vec<Token>, String> {
    let (mut tokens, mut rest) = (Vec::new(), lua);
    while let Some(first) = rest.chars().next() {
        if !matches!(first, ' '..='~' | '\n') {
            return Err(format!("{first:?} is in the script"));
        }
        if rest.starts_with("--") || rest.starts_with("[[") || rest.starts_with("[=") || first == '\'' {
            return Err(format!("a comment or another string: {:.40}", rest));
        }
        let is_word = |char: char| char.is_ascii_alphanumeric() || char == '_';
        let end = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if first == '"' {
            tokens.push(Token::Text);
            rest = after_string(&rest[1..])?;
        } else if end == 0 {
            tokens.extend((!first.is_whitespace()).then_some(Token::Sign(first)));
            rest = &rest[1..];
        } else {
            let own = ["key_", "arg_", "fn_"].into_iter().find(|own| word.starts_with(own));
            let number = first.is_ascii_digit().then(|| Token::Number(word.to_owned()));
            tokens.push(number.unwrap_or_else(|| Token::Word(own.unwrap_or(word).to_owned())));
            rest = after;
        }
    }
    Ok(tokens)
}

/// The reader above sees what it is there for.
#[test]
fn what_breaks_out_is_seen() {
    let read = |lua: &str| tokens(lua).map(|tokens| tokens.len());
    assert_eq!(read("local key_a = \"\\034)\\010--\"\n"), Ok(4));
    assert_eq!(tokens("f(\"a\")"), tokens("f(\"\\034 .. g()\")"));
    assert_ne!(tokens("f(\"a\")"), tokens("f(\"\" .. g(\"\"))"));
    for broken in ["\"a\nb\"", "\"a", "\"a\\", "x -- y", "'a'", "[[a]]", "[==[a]==]", "a\rb", "\u{e9}"] {
        assert!(read(broken).is_err(), "{broken:?}");
    }
}

fn compiled(texts: &Texts) -> Script {
    program(texts).compile().expect("a correct script")
}

proptest! {
    #![proptest_config(Config { cases: 512, failure_persistence: None, ..Config::default() })]

    #[test]
    fn hostile_text_changes_no_token(texts in texts()) {
        let script = compiled(&texts);
        let printable = script.lua().bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n'));
        prop_assert!(printable, "{:?}", script.lua());
        let found = tokens(script.lua()).map_err(|why| TestCaseError::fail(format!("{why}\n{}", script.lua())))?;
        let harmless = compiled(&Texts::harmless());
        prop_assert_eq!(found, tokens(harmless.lua()).expect("tokens"));
    }
}

#[test]
fn hostile_text_comes_back_from_a_server() {
    let Some(server) = Server::start() else { return };
    let client = std::cell::RefCell::new(server.connect(3));
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let checked = runner.run(&texts(), |texts| {
        let script = compiled(&texts);
        let call =
            script.key(&texts.key_name, texts.key.clone()).arg(&texts.arg_name, Value::bulk(texts.argument.clone()));
        let call = call.arg(&texts.other_arg, Value::Array(vec![Value::bulk(texts.logged.clone())]));
        let mut client = client.borrow_mut();
        client.line("SET canary alive").expect("set");
        prop_assert_eq!(client.eval(&call), Ok(expected(&texts)), "{}", script.lua());
        prop_assert_eq!(call.run(&mut *client), Ok(expected(&texts)), "on the machine");
        prop_assert_eq!(client.line("GET canary"), Ok(Value::bulk("alive")));
        client.line("FLUSHALL").expect("flushed");
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
}
