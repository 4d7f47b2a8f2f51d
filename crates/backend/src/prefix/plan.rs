//! Plans of requests under a prefix: rewritten, or as a walk over the whole namespace.

use redipy_command::spec::{CommandId, KeysInReply};
use redipy_command::{Error, Kind, Result};

use super::namespace::{Namespace, unknown_keys};
use super::whole::Whole;
use crate::place::Place;
use crate::request::{Request, RequestRef, Requests};

/// The way in which a request is carried out.
#[derive(Debug)]
pub(super) enum Plan {
    /// The rewritten request is sent.
    Sent(Request, Planned),
    /// The request concerns all keys of the namespace, and takes several requests.
    Whole(Whole),
}

/// The facts about a rewritten request that its reply needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    /// The command's number, if it is declared.
    pub(super) id: Option<CommandId>,
    /// The positions of keys in the reply.
    pub(super) names: KeysInReply,
}

impl Namespace {
    /// Returns the way in which this request is carried out.
    pub(super) fn plan(&self, request: RequestRef<'_>) -> Result<Plan> {
        let command = match request {
            RequestRef::Command(command) => command,
            RequestRef::Script(call) => {
                let planned = Planned { id: None, names: KeysInReply::None };
                return Ok(Plan::Sent(self.script(call)?.into(), planned));
            }
        };
        // What belongs nowhere is refused with the same words as without a prefix.
        Place::Session.check(command)?;
        let spec = command.spec().ok_or_else(|| unknown_keys(command))?;
        if let Some(whole) = Whole::of(spec, command)? {
            return Ok(Plan::Whole(whole));
        }
        let planned = Planned { id: Some(spec.id), names: spec.keys_in_reply };
        Ok(Plan::Sent(self.named(spec, command)?.into(), planned))
    }

    /// Adds a request to those that are sent, rewritten.
    pub(super) fn plan_one_of_many(&self, request: RequestRef<'_>, sent: &mut Requests) -> Result<Planned> {
        match self.plan(request)? {
            Plan::Sent(request, planned) => {
                sent.push(request);
                Ok(planned)
            }
            Plan::Whole(whole) => Err(whole.is_no_single_command()),
        }
    }
}

impl Whole {
    /// The refusal of this together with other requests.
    pub(super) fn is_no_single_command(self) -> Error {
        let text = format!(
            "under a prefix {} goes through all keys and is no single command: call it on the client, outside of \
             pipelines and transactions",
            self.name()
        );
        Error::new(Kind::Unsupported, text)
    }
}
