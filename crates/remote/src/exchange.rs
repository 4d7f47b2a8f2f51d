//! Requests on one connection, whoever holds it: sent as a batch, their replies as they came.

use redipy_backend::Request;
use redipy_backend::backend::Results;
use redipy_command::Value;

use crate::batch::{Batch, Scripts};
use crate::failure::{Lost, is_harmless};
use crate::link::{Answers, Link};

/// Sends one request; a script that the server does not know goes once more, with its text.
pub(crate) fn call(link: &mut Link, request: &Request) -> Result<Value, Lost> {
    let reply = one(link, request, Scripts::ByDigest)?;
    match (&reply, request) {
        (Value::Error(error), Request::Script(_)) if error.code() == "NOSCRIPT" => {
            one(link, request, Scripts::WithText)
        }
        _ => Ok(reply),
    }
}

/// Sends one request.
pub(crate) fn one(link: &mut Link, request: &Request, scripts: Scripts) -> Result<Value, Lost> {
    link.exchange_one(&Batch::of(request, scripts).map_err(Lost::unsent)?)
}

/// Sends requests together; one reply for each, not decoded, also if the connection is lost on the way.
pub(crate) fn pipeline(link: &mut Link, requests: &[&Request]) -> Result<Results, Lost> {
    let Answers { replies, lost } = link.exchange(&Batch::of_all(requests).map_err(Lost::unsent)?);
    let answered = replies.len();
    let mut results: Results = replies.into_iter().map(Ok).collect();
    if let Some(lost) = lost {
        let lost = if requests.len() > 1 { lost.after_others() } else { lost };
        if answered == 0 {
            return Err(lost);
        }
        let error = |harmless| lost.clone().into_error(harmless);
        results.extend(requests.iter().skip(answered).map(|request| Err(error(is_harmless(request)))));
    }
    Ok(results)
}
