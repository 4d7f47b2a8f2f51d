//! MULTI, EXEC and WATCH between sessions, and transactions of the backend.

use std::thread;

use redipy_backend::Requests;
use redipy_command::{Kind, Value};

use super::{expect, line, say, session, shared};
use crate::subject::Subject;

const ROUNDS: usize = 500;

/// Writers set two keys to the same value; readers never see them differ.
pub(super) fn nobody_sees_half_a_transaction(subject: &Subject) {
    let backend = shared(subject);
    expect(&mut *session(&backend), "MSET left 0 right 0", "OK");
    thread::scope(|scope| {
        for writer in 0..2 {
            let backend = &backend;
            scope.spawn(move || {
                let mut own = session(backend);
                for round in 0..ROUNDS {
                    let value = format!("{writer}:{round}");
                    let both =
                        Requests::from([line(&format!("SET left {value}")), line(&format!("SET right {value}"))]);
                    let done = if round % 2 == 0 {
                        backend.transaction(&both)
                    } else {
                        own.transaction(&both).map(Option::unwrap_or_default)
                    };
                    assert_eq!(done.map(|results| results.len()), Ok(2));
                }
            });
        }
        for _ in 0..2 {
            let backend = &backend;
            scope.spawn(move || {
                let mut own = session(backend);
                for round in 0..ROUNDS {
                    let pair = if round % 2 == 0 {
                        say(&mut *own, "MGET left right")
                    } else {
                        let read = backend.transaction(&[line("GET left"), line("GET right")].into());
                        Value::Array(
                            read.unwrap_or_default()
                                .into_iter()
                                .map(|result| result.unwrap_or_else(Value::Error))
                                .collect(),
                        )
                    };
                    let Value::Array(pair) = pair else { panic!("no pair: {pair:?}") };
                    assert!(pair.len() == 2 && pair[0] == pair[1], "half a transaction: {pair:?}");
                }
            });
        }
    });
}

pub(super) fn a_watched_key_that_changes_aborts(subject: &Subject) {
    let backend = shared(subject);
    let (mut own, mut other) = (session(&backend), session(&backend));
    let set = Requests::from([line("SET k mine")]);
    // How it begins, what another does to the key, and whether the transaction still runs.
    let others = [
        ("SET k old", "SET k old", false),
        ("SET k old", "GET k", true),
        ("SET k old", "SET unrelated 1", true),
        ("SET k old", "DEL k", false),
        ("DEL k", "DEL k", true),
        ("DEL k", "RPUSH k 1", false),
        ("SET k old", "EXPIRE k 100", false),
        ("SET k old", "FLUSHALL", false),
        ("DEL k", "FLUSHALL", true),
    ];
    for (before, change, runs) in others {
        say(&mut *other, before);
        expect(&mut *own, "WATCH k", "OK");
        say(&mut *other, change);
        let results = own.transaction(&set).unwrap_or_else(|error| panic!("refused: {error}"));
        assert_eq!(results.is_some(), runs, "after {before} and {change}");
    }
    // What the session itself does counts as well; and a watch ends with its transaction.
    expect(&mut *own, "WATCH k", "OK");
    expect(&mut *own, "SET k again", "OK");
    assert_eq!(own.transaction(&set), Ok(None));
    assert!(matches!(own.transaction(&set), Ok(Some(_))));
    expect(&mut *own, "WATCH k", "OK");
    expect(&mut *other, "SET k theirs", "OK");
    expect(&mut *own, "UNWATCH", "OK");
    assert!(matches!(own.transaction(&set), Ok(Some(_))));
}

/// Read, add and write back under WATCH, from several threads.
pub(super) fn optimistic_increments_add_up(subject: &Subject) {
    const THREADS: usize = 3;
    const EACH: usize = 100;
    let backend = shared(subject);
    expect(&mut *session(&backend), "SET total 0", "OK");
    let add = || {
        let mut own = session(&backend);
        let mut done = 0;
        while done < EACH {
            expect(&mut *own, "WATCH total", "OK");
            let Value::Bulk(total) = say(&mut *own, "GET total") else { panic!("no total") };
            let total: usize = total.to_string().parse().unwrap_or_default();
            let results = own.transaction(&[line(&format!("SET total {}", total + 1))].into());
            done += usize::from(results.unwrap_or_else(|error| panic!("refused: {error}")).is_some());
        }
    };
    thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(add))));
    expect(&mut *session(&backend), "GET total", &format!("\"{}\"", THREADS * EACH));
}

pub(super) fn a_malformed_request_stops_all(subject: &Subject) {
    let backend = shared(subject);
    let mut own = session(&backend);
    for malformed in ["GET", "NOSUCHCOMMAND x"] {
        let requests = Requests::from([line("SET k 1"), line(malformed), line("SET l 1")]);
        for result in [backend.transaction(&requests), own.transaction(&requests).map(Option::unwrap_or_default)] {
            assert_eq!(result.err().map(|error| error.kind()), Some(Kind::Aborted), "{malformed}");
        }
        expect(&mut *own, "EXISTS k l", "(int) 0");
    }
    assert!(backend.transaction(&Requests::default()).is_ok_and(|results| results.is_empty()));
}

pub(super) fn an_error_stays_in_its_place(subject: &Subject) {
    let requests = Requests::from([line("SET k v"), line("INCR k"), line("APPEND k w")]);
    let results = shared(subject).transaction(&requests).unwrap_or_else(|error| panic!("refused: {error}"));
    assert_eq!(results[0], Ok(Value::OK));
    assert_eq!(results[1].as_ref().err().map(|error| error.kind()), Some(Kind::Rejected));
    assert_eq!(results[2], Ok(Value::Int(2)));
}

pub(super) fn a_session_that_ends_watches_nothing(subject: &Subject) {
    let backend = shared(subject);
    let mut own = session(&backend);
    expect(&mut *own, "WATCH k", "OK");
    expect(&mut *own, "MULTI", "OK");
    expect(&mut *own, "SET k half", "QUEUED");
    drop(own);
    let mut next = session(&backend);
    expect(&mut *next, "SET k whole", "OK");
    let results = next.transaction(&[line("GET k")].into()).unwrap_or_else(|error| panic!("refused: {error}"));
    assert_eq!(results, Some(vec![Ok(Value::bulk("whole"))]));
}
