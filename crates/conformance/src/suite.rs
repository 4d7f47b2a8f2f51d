//! The suite: what a case cannot say, because it needs threads, messages or a great many keys.
//!
//! Every function panics when the backend does not do what it has to. A new backend gets all of them through
//! [`trials`]; when a backend needs a test that no other has, it still belongs here.

mod concurrency;
mod messages;
mod pipelines;
mod scanning;
mod transactions;

use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::Trial;
use redipy_backend::{Backend, Session};
use redipy_command::Value;

use crate::command::{parse, request};
use crate::notation::show;
use crate::subject::Subject;

/// A test of the suite.
pub type Test = fn(&Subject);

/// All tests, with their names.
pub const ALL: &[(&str, Test)] = &[
    ("concurrency::no_increment_is_lost", concurrency::no_increment_is_lost),
    ("concurrency::set_nx_has_one_winner", concurrency::set_nx_has_one_winner),
    ("concurrency::moved_elements_are_never_lost", concurrency::moved_elements_are_never_lost),
    (
        "concurrency::crosswise_commands_do_not_wait_for_each_other",
        concurrency::crosswise_commands_do_not_wait_for_each_other,
    ),
    ("messages::a_message_reaches_channels_and_patterns", messages::a_message_reaches_channels_and_patterns),
    ("messages::messages_come_in_order", messages::messages_come_in_order),
    ("messages::what_was_left_is_silent", messages::what_was_left_is_silent),
    ("messages::a_subscription_waits_no_longer_than_asked", messages::a_subscription_waits_no_longer_than_asked),
    ("messages::a_waiting_subscriber_is_woken", messages::a_waiting_subscriber_is_woken),
    ("messages::nobody_hears_what_was_published_before", messages::nobody_hears_what_was_published_before),
    ("pipelines::an_error_stays_in_its_slot", pipelines::an_error_stays_in_its_slot),
    ("pipelines::a_long_pipeline_answers_in_order", pipelines::a_long_pipeline_answers_in_order),
    (
        "pipelines::commands_of_a_session_are_refused_without_one",
        pipelines::commands_of_a_session_are_refused_without_one,
    ),
    (
        "scanning::every_steady_key_is_seen_while_others_come_and_go",
        scanning::every_steady_key_is_seen_while_others_come_and_go,
    ),
    (
        "scanning::every_steady_element_is_seen_while_others_come_and_go",
        scanning::every_steady_element_is_seen_while_others_come_and_go,
    ),
    ("transactions::nobody_sees_half_a_transaction", transactions::nobody_sees_half_a_transaction),
    ("transactions::a_watched_key_that_changes_aborts", transactions::a_watched_key_that_changes_aborts),
    ("transactions::optimistic_increments_add_up", transactions::optimistic_increments_add_up),
    ("transactions::a_malformed_request_stops_all", transactions::a_malformed_request_stops_all),
    ("transactions::an_error_stays_in_its_place", transactions::an_error_stays_in_its_place),
    ("transactions::a_session_that_ends_watches_nothing", transactions::a_session_that_ends_watches_nothing),
];

/// One trial for each test. Without a subject there is nothing to do.
pub fn trials(fresh: fn() -> Option<Subject>) -> Vec<Trial> {
    let trial = |(name, test): &(&'static str, Test)| {
        let test = *test;
        Trial::test(format!("suite::{name}"), move || {
            if let Some(subject) = fresh() {
                test(&subject);
            }
            Ok(())
        })
    };
    ALL.iter().map(trial).collect()
}

/// How long a test waits for what must come.
const SOON: Duration = Duration::from_secs(10);

/// The backend of a subject, for several threads.
fn shared(subject: &Subject) -> Arc<dyn Backend> {
    subject.backend.clone()
}

/// A session of a backend.
fn session(backend: &Arc<dyn Backend>) -> Box<dyn Session> {
    backend.session().unwrap_or_else(|error| panic!("no session: {error}"))
}

/// Sends a command line on a session; an error becomes a value.
fn say(session: &mut dyn Session, line: &str) -> Value {
    let command = parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    session.call(&request(&command)).unwrap_or_else(Value::Error)
}

/// A command line as a request.
fn line(line: &str) -> redipy_backend::Request {
    request(&parse(line).unwrap_or_else(|error| panic!("{line}: {error}")))
}

/// Asserts what a session answers, in the notation of cases.
#[track_caller]
fn expect(session: &mut dyn Session, line: &str, reply: &str) {
    let got = show(&say(session, line));
    assert_eq!(got, reply, "> {line}");
}
