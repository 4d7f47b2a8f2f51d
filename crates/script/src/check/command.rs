//! The resolution of command calls, and the check of their arguments.

use redipy_command::{Flags, Spec, methods};

use super::near::nearest;
use crate::ir::{ExprId, ExprKind, Ir};
use crate::reply::{ReplyForm, set_gets};
use crate::types::Type;

/// A command call, resolved.
#[derive(Debug, Clone, Copy)]
pub struct ResolvedCall {
    /// The command that is called.
    pub spec: &'static Spec,
    /// The conversion of the reply.
    pub form: ReplyForm,
}

/// The mark before the name of a command whose reply stays as Lua has it. Only a server can call it.
pub(crate) const NATIVE: &str = "NATIVE ";

impl ResolvedCall {
    /// Looks the command up and checks its arguments.
    pub(crate) fn resolve(ir: &Ir, name: &str, args: &[ExprId]) -> Result<ResolvedCall, String> {
        let (name, is_native) = name.strip_prefix(NATIVE).map_or((name, false), |name| (name, true));
        let named = methods::find(name.as_bytes());
        let named = named.ok_or_else(|| unknown(name))?;
        if named.flags.has(Flags::NOSCRIPT) {
            return Err(format!("{name} cannot be called from a script"));
        }
        if named.flags.has(Flags::BLOCKING) {
            return Err(format!("{name} would wait, which a script cannot; use the command that does not"));
        }
        if !named.accepts(args.len() + 1) {
            let (takes, or_more) = (named.arity.unsigned_abs() - 1, if named.arity < 0 { " or more" } else { "" });
            return Err(format!("wrong number of arguments for {name}: it takes {takes}{or_more}, not {}", args.len()));
        }
        if is_native {
            return Ok(ResolvedCall { spec: named, form: ReplyForm::Native });
        }
        let literal = |arg: &ExprId| if let ExprKind::Str(text) = ir.expr(*arg) { Some(&**text) } else { None };
        let gets = set_gets(args.iter().skip(2).map(literal));
        let sent = named.in_scripts.and_then(|name| methods::find(name.as_bytes()));
        let form = ReplyForm::of(named, args.len(), gets);
        let form = match (sent, form) {
            (Some(sent), ReplyForm::Seconds) => return Ok(ResolvedCall { spec: sent, form: ReplyForm::Seconds }),
            (Some(sent), _) => ReplyForm::of(sent, args.len(), Some(false)),
            (None, form) => form,
        };
        Ok(ResolvedCall { spec: sent.unwrap_or(named), form })
    }

    /// The types that the call can give.
    pub fn gives(&self) -> Type {
        self.form.gives()
    }
}

/// The command that may be meant by a name that the table does not have.
pub(crate) fn meant(name: &str) -> Option<&'static str> {
    nearest(
        name,
        methods::ALL.iter().filter(|spec| spec.words == 1 && !spec.flags.has(Flags::NOSCRIPT)).map(|spec| spec.name),
    )
}

/// The message about a command that the table does not have.
fn unknown(name: &str) -> String {
    match meant(name) {
        Some(meant) => format!("unknown command {name}; did you mean {meant}?"),
        None if name.bytes().all(|byte| byte.is_ascii_graphic()) => {
            format!("unknown command {name}; is it spelled right?")
        }
        None => format!("unknown command {name:?}; is it spelled right?"),
    }
}
