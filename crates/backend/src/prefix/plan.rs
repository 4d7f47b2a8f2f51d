//! How a request is carried out under a prefix: rewritten, or as a walk over the whole namespace.

use redipy_command::spec::KeyRange;
use redipy_command::{Encoded, Error, Flags, Kind, Result, Spec};

use super::namespace::{Names, Namespace, unknown_keys};
use super::whole::Whole;
use crate::backend::Results;
use crate::place::Place;
use crate::request::Request;

/// How a request is carried out.
#[derive(Debug)]
pub(super) enum Plan {
    /// It is sent, rewritten.
    Sent(Planned),
    /// It concerns all keys of the namespace, and takes several requests.
    Whole(Whole),
}

/// A request as it is sent, and where keys stand in its reply.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) request: Request,
    pub(super) names: Names,
}

/// Requests as they are sent, and where keys stand in their replies.
pub(super) struct PlannedAll {
    pub(super) requests: Vec<Request>,
    pub(super) names: Vec<Names>,
}

impl Planned {
    /// The command's name, upper case where it is known; nothing for a script.
    pub(super) fn name(&self) -> &[u8] {
        match &self.request {
            Request::Command(command) => command.spec().map_or(command.name(), |spec| spec.name.as_bytes()),
            Request::Script(_) => b"",
        }
    }
}

impl Namespace {
    /// How this request is carried out.
    pub(super) fn plan(&self, request: &Request) -> Result<Plan> {
        let command = match request {
            Request::Command(command) => command,
            Request::Script(call) => {
                return Ok(Plan::Sent(Planned { request: self.script(call)?.into(), names: Names::None }));
            }
        };
        // What belongs nowhere is refused with the same words as without a prefix.
        Place::Session.check(command)?;
        let spec = known(command)?;
        if let Some(whole) = Whole::of(spec, command)? {
            return Ok(Plan::Whole(whole));
        }
        let request = match spec.name {
            "KEYS" => self.at(command, &[1], &self.pattern),
            "SCAN" => self.scan(command),
            "PUBLISH" => self.at(command, &[1], self.prefix()),
            _ => self.keys(spec, command)?,
        };
        Ok(Plan::Sent(Planned { request: request.into(), names: Names::of(spec) }))
    }

    /// How this request is carried out together with others.
    pub(super) fn plan_one_of_many(&self, request: &Request) -> Result<Planned> {
        match self.plan(request)? {
            Plan::Sent(planned) => Ok(planned),
            Plan::Whole(whole) => {
                let text = format!(
                    "under a prefix {} goes through all keys and is no single command: call it on the client, outside \
                     of pipelines and transactions",
                    whole.name()
                );
                Err(Error::new(Kind::Unsupported, text))
            }
        }
    }

    /// Takes the prefix off the keys in the replies of requests that were planned one by one.
    pub(super) fn strip_planned(&self, plans: Vec<Result<Planned>>, results: Results) -> Results {
        let names = plans.into_iter().map(|plan| plan.map_or(Names::None, |planned| planned.names));
        self.strip_all(names, results)
    }

    /// How these requests are carried out in a transaction; none is, if one is refused.
    pub(super) fn plan_all(&self, requests: &[Request]) -> Result<PlannedAll> {
        let planned = requests.iter().map(|request| self.plan_one_of_many(request)).collect::<Result<Vec<_>>>()?;
        let (requests, names) = planned.into_iter().map(|planned| (planned.request, planned.names)).unzip();
        Ok(PlannedAll { requests, names })
    }
}

/// The command's Spec, if it says where all keys stand.
fn known(command: &Encoded) -> Result<&'static Spec> {
    let spec = command.spec().ok_or_else(|| unknown_keys(command))?;
    let counted = |range| matches!(range, KeyRange::Counted(_));
    if spec.flags.has(Flags::MOVABLEKEYS) && !spec.key_ranges().any(counted) {
        return Err(unknown_keys(command));
    }
    Ok(spec)
}
