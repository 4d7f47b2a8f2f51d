//! Reading the replies of MULTI, queued commands and EXEC, which were sent together.

use redipy_backend::Requests;
use redipy_backend::backend::Results;
use redipy_command::{Error, Kind, Result, Value};

use crate::failure::Lost;
use crate::link::Answers;

/// The result of a transaction: the replies, or `None` when a watched key was changed.
pub(crate) type Executed = Result<Option<Vec<Value>>>;

/// Reads the replies to a batch of MULTI, `count` commands and EXEC.
///
/// The connection being lost before EXEC was answered leaves open whether it was executed; being
/// lost while sending does not, since EXEC comes last.
pub(crate) fn outcome(answers: Answers, count: usize) -> std::result::Result<Executed, Lost> {
    if let Some(lost) = answers.lost {
        return Err(lost);
    }
    let mut replies = answers.replies.into_iter();
    if let Some(Value::Error(error)) = replies.next() {
        // MULTI itself was refused, so that the commands were executed one by one.
        return Ok(Err(error.maybe_ran()));
    }
    let exec = replies.next_back().unwrap_or(Value::Null);
    let refused = replies.find_map(|reply| reply.into_result().err());
    Ok(match exec {
        // EXECABORT does not say which command was refused.
        Value::Error(error) => Err(match refused {
            Some(refused) => error.with_source(refused),
            None => error,
        }),
        Value::Null => Ok(None),
        Value::Array(items) if items.len() == count => Ok(Some(items)),
        other => Err(other.unexpected("one reply for each command of the transaction").maybe_ran()),
    })
}

/// The replies of a transaction that watches nothing.
pub(crate) fn executed(outcome: Executed) -> Result<Vec<Value>> {
    outcome?.ok_or_else(|| Error::new(Kind::Aborted, "EXEC answered null although nothing is watched"))
}

/// The replies that EXEC gave, decoded.
pub(crate) fn results(requests: &Requests, replies: Vec<Value>) -> Results {
    requests.iter().zip(replies).map(|(request, reply)| request.decode(reply)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    fn read(replies: Vec<Value>) -> Executed {
        let count = replies.len() - 2;
        outcome(Answers { replies, lost: None }, count).expect("nothing is lost")
    }

    fn queued() -> Value {
        Value::Status("QUEUED".into())
    }

    fn error(text: &'static str) -> Value {
        Value::Error(Error::reply(text))
    }

    #[test]
    fn each_command_has_its_own_reply() {
        let replies = vec![Value::Int(1), error("WRONGTYPE x"), Value::OK];
        let outcome = read(vec![Value::OK, queued(), queued(), queued(), Value::Array(replies.clone())]);
        assert_eq!(outcome, Ok(Some(replies)));
    }

    #[test]
    fn a_changed_key_is_no_error() {
        assert_eq!(read(vec![Value::OK, queued(), Value::Null]), Ok(None));
    }

    #[test]
    fn an_abort_names_its_reason() {
        let abort = error("EXECABORT Transaction discarded because of previous errors.");
        let result = read(vec![Value::OK, error("ERR syntax error"), queued(), abort]).expect_err("aborted");
        assert_eq!((result.kind(), result.may_have_run()), (Kind::Aborted, false));
        assert_eq!(result.source().map(ToString::to_string).as_deref(), Some("ERR syntax error"));
    }

    #[test]
    fn a_wrong_number_of_replies_leaves_open_what_ran() {
        for exec in [Value::Array(vec![Value::OK]), Value::OK, Value::Int(2)] {
            let result = read(vec![Value::OK, queued(), queued(), exec]).expect_err("refused");
            assert_eq!((result.kind(), result.may_have_run()), (Kind::Decode, true));
        }
    }

    #[test]
    fn a_refused_multi_is_not_atomic() {
        let exec = error("ERR EXEC without MULTI");
        let result = read(vec![error("NOPERM no MULTI"), Value::Int(1), exec]).expect_err("refused");
        assert_eq!((result.code(), result.may_have_run()), ("NOPERM", true));
    }
}
