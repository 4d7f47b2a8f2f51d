//! Exchanges on one connection: requests sent as a batch, and their replies as received.

use redipy_backend::RequestRef;
use redipy_backend::backend::Results;
use redipy_command::Value;

use crate::batch::{Batch, Scripts};
use crate::failure::{Lost, is_idempotent};
use crate::link::{Answers, Link};
use crate::time_limit::TimeLimit;

/// Sends one request, which `batch` is; a script that the server does not know goes once more, with its text.
pub(crate) fn call(
    link: &mut Link,
    request: RequestRef<'_>,
    batch: &Batch,
    time_limit: &mut TimeLimit,
) -> Result<Value, Lost> {
    let reply = link.exchange(batch, time_limit).one()?;
    if !is_unknown_script(request, &reply) {
        return Ok(reply);
    }
    let batch = Batch::of(request, Scripts::WithText).map_err(Lost::unsent)?;
    link.exchange(&batch, time_limit).one()
}

/// Returns whether the server does not know the script.
pub(crate) fn is_unknown_script(request: RequestRef<'_>, reply: &Value) -> bool {
    matches!((request, reply), (RequestRef::Script(_), Value::Error(error)) if error.code() == "NOSCRIPT")
}

/// One result for each request, not decoded, also if the connection was lost on the way; nothing but the loss if not one
/// was answered.
pub(crate) fn results(requests: &[RequestRef<'_>], Answers { replies, lost }: Answers) -> Result<Results, Lost> {
    let answered = replies.len();
    let mut results: Results = replies.into_iter().map(Ok).collect();
    if let Some(lost) = lost {
        let lost = if requests.len() > 1 { lost.after_others() } else { lost };
        if answered == 0 {
            return Err(lost);
        }
        let error = |idempotent| lost.clone().into_error(idempotent);
        results.extend(requests.iter().skip(answered).map(|request| Err(error(is_idempotent(*request)))));
    }
    Ok(results)
}
