//! A failing sequence made as short as it can be: first commands go, then arguments.

use super::families::Op;

/// The shortest sequence found that still fails, by leaving things out.
pub fn shrink(ops: Vec<Op>, fails: &mut dyn FnMut(&[Op]) -> bool) -> Vec<Op> {
    let mut ops = ops;
    loop {
        let before = size(&ops);
        ops = without_commands(ops, fails);
        ops = without_arguments(ops, fails);
        if size(&ops) == before {
            return ops;
        }
    }
}

fn size(ops: &[Op]) -> usize {
    ops.iter().map(|op| op.command.len()).sum()
}

/// Leaves out halves, quarters, … and single commands, as long as the rest fails.
fn without_commands(mut ops: Vec<Op>, fails: &mut dyn FnMut(&[Op]) -> bool) -> Vec<Op> {
    let mut chunk = (ops.len() / 2).max(1);
    loop {
        let mut at = 0;
        while at < ops.len() {
            let mut fewer = ops.clone();
            fewer.drain(at..(at + chunk).min(ops.len()));
            if fails(&fewer) {
                ops = fewer;
            } else {
                at += chunk;
            }
        }
        if chunk == 1 {
            return ops;
        }
        chunk /= 2;
    }
}

/// Leaves out arguments: many at once while a command has many.
fn without_arguments(mut ops: Vec<Op>, fails: &mut dyn FnMut(&[Op]) -> bool) -> Vec<Op> {
    for index in 0..ops.len() {
        let mut chunk = (ops[index].command.len() / 2).max(1);
        loop {
            let mut at = 2;
            while at < ops[index].command.len() {
                let mut fewer = ops.clone();
                let end = (at + chunk).min(fewer[index].command.len());
                fewer[index].command.drain(at..end);
                if fails(&fewer) {
                    ops = fewer;
                } else {
                    at += chunk;
                }
            }
            if chunk == 1 {
                break;
            }
            chunk /= 2;
        }
    }
    ops
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_needed_goes() {
        let op = |line: &str| Op { session: 0, command: line.split(' ').map(Into::into).collect() };
        let ops: Vec<Op> = (0..40).map(|n| op(&format!("SADD k{n} a b c d"))).collect();
        let needed = |ops: &[Op]| {
            let has = |name: &[u8], member: &[u8]| {
                ops.iter().any(|op| op.command[1] == name && op.command.iter().any(|arg| arg == member))
            };
            has(b"k3", b"c") && has(b"k17", b"a")
        };
        assert_eq!(shrink(ops, &mut |ops| needed(ops)), [op("SADD k3 c"), op("SADD k17 a")]);
    }
}
