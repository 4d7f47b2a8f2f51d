//! Pipelines: one result per request, in order.

use redipy_backend::Requests;
use redipy_command::{Kind, Value};

use super::{line, shared};
use crate::subject::Subject;

pub(super) fn an_error_stays_in_its_slot(subject: &Subject) {
    let lines = ["SET k v", "INCR k", "NOSUCHCOMMAND x", "GET", "LPUSH k x", "GET k"];
    let requests: Requests = lines.iter().map(|text| line(text)).collect();
    let results = shared(subject).pipeline(&requests).unwrap_or_else(|error| panic!("no replies: {error}"));
    let kinds: Vec<_> = results.iter().map(|result| result.as_ref().err().map(|error| error.kind())).collect();
    assert_eq!(
        kinds,
        [None, Some(Kind::Rejected), Some(Kind::Syntax), Some(Kind::Syntax), Some(Kind::WrongType), None]
    );
    assert_eq!(results[5], Ok(Value::bulk("v")));
    assert!(results.iter().flat_map(|result| result.as_ref().err()).all(|error| !error.may_have_run()));
}

pub(super) fn a_long_pipeline_answers_in_order(subject: &Subject) {
    let requests: Requests = (0..10_000).map(|n| line(&format!("ECHO {n}"))).collect();
    let results = shared(subject).pipeline(&requests).unwrap_or_else(|error| panic!("no replies: {error}"));
    assert_eq!(results.len(), requests.len());
    for (n, result) in results.into_iter().enumerate() {
        assert_eq!(result, Ok(Value::bulk(n.to_string())));
    }
    assert_eq!(shared(subject).pipeline(&Requests::default()), Ok(Vec::new()));
}

/// On a shared connection they would leave their marks on other callers. The test's own client gives every
/// call a connection of its own, where they do no harm.
pub(super) fn commands_of_a_session_are_refused_without_one(subject: &Subject) {
    let backend = shared(subject);
    if backend.call(&line("WATCH k")).is_ok() {
        return;
    }
    for text in ["MULTI", "WATCH k", "SELECT 1"] {
        let error = backend.call(&line(text)).err();
        assert_eq!(error.map(|error| error.kind()), Some(Kind::Unsupported), "{text}");
    }
}
