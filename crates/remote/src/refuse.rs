//! Requests that do not belong where they are called. They are not sent; in a pipeline the others are.

use redipy_backend::backend::Results;
use redipy_backend::{Place, RequestRef, Requests};
use redipy_command::{Error, Kind, Result, Value};

/// Refuses a command that does not belong here, and a script call that is not complete.
pub(crate) fn check(request: RequestRef<'_>, place: Place) -> Result<()> {
    match request {
        RequestRef::Command(command) => place.check(command),
        RequestRef::Script(call) => call.parts().map(|_| ()),
    }
}

/// Refuses a transaction on a shared connection if one of its requests does not belong there.
pub(crate) fn check_transaction(requests: &Requests) -> Result<()> {
    requests.iter().try_for_each(|request| check(request, Place::Transaction))
}

/// The refusal of each request, or none.
pub(crate) fn refusals(requests: &Requests, place: Place) -> Vec<Option<Error>> {
    requests.iter().map(|request| check(request, place).err()).collect()
}

/// The requests that were not refused.
pub(crate) fn permitted<'r>(requests: &'r Requests, refusals: &[Option<Error>]) -> Vec<RequestRef<'r>> {
    requests.iter().zip(refusals).filter(|(_, refusal)| refusal.is_none()).map(|(request, _)| request).collect()
}

/// The results of the permitted requests, with the refusals in their places.
pub(crate) fn merge(refusals: Vec<Option<Error>>, results: impl Iterator<Item = Result<Value>>) -> Results {
    let mut results = results;
    let missing = || Err(Error::new(Kind::Decode, "a reply is missing"));
    refusals.into_iter().map(|refusal| refusal.map_or_else(|| results.next().unwrap_or_else(missing), Err)).collect()
}
