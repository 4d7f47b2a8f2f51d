//! Several threads at once: nothing is lost, nothing happens twice, nobody waits for ever.

use std::thread;

use redipy_command::Value;

use super::{expect, say, session, shared};
use crate::subject::Subject;

const THREADS: usize = 4;
const ROUNDS: usize = 1_000;

pub(super) fn no_increment_is_lost(subject: &Subject) {
    let backend = shared(subject);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let backend = &backend;
            scope.spawn(move || {
                let mut session = session(backend);
                for _ in 0..ROUNDS {
                    say(&mut *session, "INCR total");
                    say(&mut *session, &format!("HINCRBY totals {thread} 1"));
                    say(&mut *session, "HINCRBY totals all 1");
                }
            });
        }
    });
    let mut session = session(&backend);
    let all = THREADS * ROUNDS;
    expect(&mut *session, "GET total", &format!("\"{all}\""));
    expect(&mut *session, "HGET totals all", &format!("\"{all}\""));
    expect(&mut *session, "HGET totals 0", &format!("\"{ROUNDS}\""));
}

pub(super) fn set_nx_has_one_winner(subject: &Subject) {
    let backend = shared(subject);
    let won = |thread: usize| {
        let mut session = session(&backend);
        let wins = |round: &usize| say(&mut *session, &format!("SET lock:{round} {thread} NX")) == Value::OK;
        (0..ROUNDS / 4).filter(wins).count()
    };
    let total: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || won(thread))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| panic!("a thread failed"))).sum()
    });
    assert_eq!(total, ROUNDS / 4);
}

pub(super) fn moved_elements_are_never_lost(subject: &Subject) {
    let backend = shared(subject);
    let mut first = session(&backend);
    expect(&mut *first, "RPUSH ring:0 {1..50}", "(int) 50");
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let backend = &backend;
            scope.spawn(move || {
                let mut session = session(backend);
                for round in 0..ROUNDS / 2 {
                    let (from, to) = ((round + thread) % 3, (round + 1) % 3);
                    say(&mut *session, &format!("LMOVE ring:{from} ring:{to} LEFT RIGHT"));
                }
            });
        }
    });
    let mut elements: Vec<String> = Vec::new();
    for ring in 0..3 {
        let Value::Array(items) = say(&mut *first, &format!("LRANGE ring:{ring} 0 -1")) else { panic!("no list") };
        elements.extend(items.iter().map(crate::notation::show));
    }
    elements.sort();
    elements.dedup();
    assert_eq!(elements.len(), 50);
}

/// Two threads that name the same keys in opposite orders.
pub(super) fn crosswise_commands_do_not_wait_for_each_other(subject: &Subject) {
    let backend = shared(subject);
    thread::scope(|scope| {
        for pair in ["a b", "b a"] {
            let backend = &backend;
            scope.spawn(move || {
                let mut session = session(backend);
                say(&mut *session, "MSET a 1 b 2");
                for _ in 0..ROUNDS {
                    say(&mut *session, &format!("RENAME {pair}"));
                    say(&mut *session, &format!("MGET {pair}"));
                    say(&mut *session, &format!("COPY {pair} REPLACE"));
                }
            });
        }
    });
    // One of them is left at least: a rename takes none away without giving the other.
    let left = say(&mut *session(&backend), "EXISTS a b");
    assert!(matches!(left, Value::Int(1..=2)), "{left:?}");
}
