//! Scripts under a prefix: inside, keys have the names that the user gave; a command gets them with the prefix before
//! them. Which of a command's arguments that concerns is said here; both targets follow it.

use redipy_command::spec::KeyRange;
use redipy_command::{Flags, Spec};

/// The positions, from 0, of the arguments that get the prefix: keys, and the channel of PUBLISH. The arguments of a
/// count of keys must be there, others may be empty.
///
/// # Errors
/// For a command that is about all keys, and where the number of keys is not known.
pub(crate) fn positions(spec: &Spec, args: &[&[u8]]) -> Result<Vec<usize>, String> {
    if spec.name == "PUBLISH" {
        return Ok(vec![0]);
    }
    let touches = spec.flags.has(Flags::WRITE) || spec.flags.has(Flags::READONLY);
    if spec.key_ranges().next().is_none() {
        let why = format!("{} is about all keys, which a script under a prefix must not see", spec.name);
        return if touches { Err(why) } else { Ok(Vec::new()) };
    }
    if matches!(spec.name, "LMPOP" | "ZMPOP") {
        return Err(format!(
            "{} tells the stored name of a key, which a script under a prefix must not see",
            spec.name
        ));
    }
    let all: Vec<&[u8]> = std::iter::once(&[][..]).chain(args.iter().copied()).collect();
    let is_known = |at: usize| args.get(at - 1).is_some_and(|count| !count.is_empty());
    let counted = spec.key_ranges().any(|range| matches!(range, KeyRange::Counted(at) if !is_known(at)));
    let mut positions = Vec::new();
    spec.key_positions(&all, &mut |at| positions.push(at - 1));
    if counted || positions.is_empty() {
        return Err(format!("the number of keys of {} must be a literal in a script under a prefix", spec.name));
    }
    positions.sort_unstable();
    Ok(positions)
}
