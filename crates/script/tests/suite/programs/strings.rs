//! Small programs for strings and their functions (rules D7 and D9).

use redipy_script::{
    Expr, NONE, Value, contains, dict, find, find_from, from_json, join, list, lower, split, strs, to_json, to_str,
    type_str, upper,
};

use super::{Case, empty_dict, empty_list, gives, nums};

pub fn cases() -> Vec<Case> {
    [bytes(), searching(), texts(), json(), broken_json()].into_iter().flatten().collect()
}

/// Any bytes pass through unchanged.
fn bytes() -> Vec<Case> {
    vec![
        gives(
            "strings survive",
            r#"["a\"b'c\\n", "\xc3\xa9\xf0\x9f\x98\x80", "a\r\n\x00\x7f]]--", "\xff\xfe"]"#,
            |_| list([Expr::from("a\"b'c\\n"), "é😀".into(), "a\r\n\u{0}\u{7f}]]--".into(), (&b"\xff\xfe"[..]).into()]),
        ),
        gives("a string that would break out", r#""\\\" .. redis.call('set','pwned','1').ok) --""#, |_| {
            "\\\" .. redis.call('set','pwned','1').ok) --".into()
        }),
        gives("string arguments survive", r#"["x\x00y", "\xff", {"k\"\n\xff": "\xfe\\"}]"#, |f| {
            list([f.arg("]]\n a"), f.arg("b --"), f.arg("c")])
        })
        .with(|c| {
            let key = Value::bulk(&b"k\"\n\xff"[..]);
            let map = Value::Map(vec![(key, Value::bulk(&b"\xfe\\"[..]))]);
            c.arg("]]\n a", "x\0y").arg("b --", &b"\xff"[..]).arg("c", map)
        }),
    ]
}

/// Positions count code points.
fn searching() -> Vec<Case> {
    vec![
        gives("find", "[1, None, 0, 1, 4, None, 3, 0, 3, None]", |_| {
            let text = "a.b.a";
            list([
                find(text, "."),
                find(text, "x"),
                find(text, ""),
                find("éa", "a"),
                find_from(text, "a", 1),
                find_from(text, "b", -2),
                find_from(text, ".", -2),
                find_from(text, "a", -99),
                find_from("éé.", "", 3),
                find_from("éé.", "", 4),
            ])
        }),
        gives("find in a number", "Script: SCRIPT find needs str, not number", |f| find(f.arg("a"), "5"))
            .with(|c| c.arg("a", 15)),
        gives("find from None", "Script: SCRIPT find needs number, not None", |f| find_from("a", "a", f.arg("a")))
            .with(|c| c.arg("a", Value::Null)),
    ]
}

/// Texts of other values, and texts taken apart.
fn texts() -> Vec<Case> {
    vec![
        gives("strs", r#"["", "a1", "0.5x"]"#, |f| {
            let n = f.arg("n");
            list([strs([] as [Expr; 0]), strs!("a", 1), strs!(&n, "x")])
        })
        .with(|c| c.arg("n", 0.5)),
        gives("strs of None", "Script: SCRIPT strs needs number or str, not None", |f| strs!(f.arg("a"), "x"))
            .with(|c| c.arg("a", Value::Null)),
        gives("parts of strs are evaluated before they are checked", "Script: SCRIPT None is not a list", |f| {
            let a = f.arg("a");
            strs!(&a, a.at(1))
        })
        .with(|c| c.arg("a", Value::Null)),
        gives("to_str", r#"["true", "nil", "2", "0.1", "x"]"#, |_| {
            list([to_str(true), to_str(NONE), to_str(2.0), to_str(0.1), to_str("x")])
        }),
        gives("type_str", r#"["nil", "boolean", "number", "string", "table", "table"]"#, |_| {
            let values = [NONE.into(), true.into(), 1.into(), "".into(), empty_list(), empty_dict()];
            list(values.map(type_str))
        }),
        gives(
            "split join lower upper contains",
            r#"[["a", "", "b"], "a+b", "\xc3\xa9 x", "X", True, False, True]"#,
            |_| {
                list([
                    split("a,,b", ","),
                    join(list(["a", "b"]), "+"),
                    lower("é X"),
                    upper("x"),
                    contains("abc", "bc"),
                    contains(nums([1, 2]), "1"),
                    contains(dict([("a", NONE)]), "a"),
                ])
            },
        ),
    ]
}

fn json() -> Vec<Case> {
    vec![
        gives("to_json", r#""{\"a\":[1,0.1,null,true,\"\\u000a\\\"\\\\\xc3\xa9\"],\"b\":{},\"c\":[]}""#, |_| {
            let items = [1.into(), 0.1.into(), NONE.into(), true.into(), Expr::from("\n\"\\é")];
            to_json(dict([("c", empty_list()), ("b", empty_dict()), ("a", list(items))]))
        }),
        gives("from_json", r#"[[], {}, [1.5, "a\n\xf0\x9f\x98\x80/"], {"a": {"b": None}}, -2]"#, |_| {
            list([
                from_json("[ ]"),
                from_json("{}"),
                from_json(r#" [1.5, "a\n\ud83d\ude00\/"] "#),
                from_json(r#"{"a":1,"a":{"b":null}}"#),
                from_json("-2e0"),
            ])
        }),
        gives("from_json of a broken text", "Script: SCRIPT text is not valid JSON", |_| from_json("[1,]")),
        gives("from_json of None", "Script: SCRIPT from_json needs str, not None", |f| from_json(f.arg("a")))
            .with(|c| c.arg("a", Value::Null)),
    ]
}

fn broken_json() -> Vec<Case> {
    let texts = [
        "",
        "nul",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "NaN",
        "0x1",
        "\"a",
        "\"\n\"",
        r#""\x""#,
        r#""\ud800""#,
        "[1 2]",
        "{1:2}",
        "{\"a\"}",
        "[1]x",
        "1e999",
        "-",
    ];
    let broken = "Script: SCRIPT text is not valid JSON";
    texts.into_iter().map(|text| gives("from_json of a broken text", broken, |_| from_json(text))).collect()
}
