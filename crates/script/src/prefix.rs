//! Scripts under a prefix: inside, keys have the names that the user gave; a command gets them with the prefix before
//! them. The arguments that it concerns are determined here, for both targets.

use redipy_command::Spec;
use redipy_command::spec::{Begin, Find, KeySpec, KeysInReply, Names, Where};

/// The positions, from 0, of the arguments that get the prefix: keys, and the channel of PUBLISH. The arguments of a
/// count of keys must be there, others may be empty.
///
/// # Errors
/// For a command that is about all keys, and where the number of keys is not known.
pub(crate) fn positions(spec: &Spec, args: &[&[u8]]) -> Result<Vec<usize>, String> {
    if let Some((Names::Channel, Where::At(at))) = spec.named() {
        return Ok(vec![at - spec.words]);
    }
    if spec.hides_keys() || !spec.has_keys() {
        let why = format!("{} is about all keys, which a script under a prefix must not see", spec.name);
        return if spec.touches_keys() { Err(why) } else { Ok(Vec::new()) };
    }
    if spec.keys_in_reply != KeysInReply::None {
        return Err(format!(
            "{} tells the stored name of a key, which a script under a prefix must not see",
            spec.name
        ));
    }
    let is_known = |at: usize| args.get(at - 1).is_some_and(|count| !count.is_empty());
    let is_unknown =
        |key: KeySpec| matches!(key, KeySpec { begin: Begin::At(at), find: Find::Counted, .. } if !is_known(at));
    let counted = spec.key_specs().any(is_unknown);
    let mut positions = Vec::new();
    spec.key_arguments(args, &mut |at| positions.push(at));
    if counted || positions.is_empty() {
        return Err(format!("the number of keys of {} must be a literal in a script under a prefix", spec.name));
    }
    positions.sort_unstable();
    Ok(positions)
}
