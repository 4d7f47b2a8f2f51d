//! How a request is carried out under a prefix: rewritten, or as a walk over the whole namespace.

use redipy_command::spec::{CommandId, KeysInReply};
use redipy_command::{Error, Kind, Result};

use super::namespace::{Namespace, unknown_keys};
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
    pub(super) names: KeysInReply,
}

/// Requests as they are sent, and where keys stand in their replies.
pub(super) struct PlannedAll {
    pub(super) requests: Vec<Request>,
    pub(super) names: Vec<KeysInReply>,
}

impl Planned {
    /// The command's number, if it is declared.
    pub(super) fn id(&self) -> Option<CommandId> {
        match &self.request {
            Request::Command(command) => command.spec().map(|spec| spec.id),
            Request::Script(_) => None,
        }
    }
}

impl Namespace {
    /// How this request is carried out.
    pub(super) fn plan(&self, request: &Request) -> Result<Plan> {
        let command = match request {
            Request::Command(command) => command,
            Request::Script(call) => {
                return Ok(Plan::Sent(Planned { request: self.script(call)?.into(), names: KeysInReply::None }));
            }
        };
        // What belongs nowhere is refused with the same words as without a prefix.
        Place::Session.check(command)?;
        let spec = command.spec().ok_or_else(|| unknown_keys(command))?;
        if let Some(whole) = Whole::of(spec, command)? {
            return Ok(Plan::Whole(whole));
        }
        Ok(Plan::Sent(Planned { request: self.named(spec, command)?.into(), names: spec.keys_in_reply }))
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
        let names = plans.into_iter().map(|plan| plan.map_or(KeysInReply::None, |planned| planned.names));
        self.strip_all(names, results)
    }

    /// How these requests are carried out in a transaction; none is, if one is refused.
    pub(super) fn plan_all(&self, requests: &[Request]) -> Result<PlannedAll> {
        let planned = requests.iter().map(|request| self.plan_one_of_many(request)).collect::<Result<Vec<_>>>()?;
        let (requests, names) = planned.into_iter().map(|planned| (planned.request, planned.names)).unzip();
        Ok(PlannedAll { requests, names })
    }
}
