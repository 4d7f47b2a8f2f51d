//! Ways out of a block: `return`, `break` and `continue`, also out of the functions that deep blocks become.
//!
//! In a script with such functions every variable lives in a table that all of them see. What leaves the block is told
//! by what the function returns.

use redipy_command::Result;

use super::writer::Writer;
use crate::ir::{BlockId, StmtKind};

impl Writer<'_> {
    /// Writes a block as a function, and a call of it.
    pub(super) fn part(&mut self, block: BlockId) -> Result<()> {
        self.parts.count += 1;
        let name = format!("parts.p{}", self.parts.count);
        let out = std::mem::take(&mut self.out);
        let depth = std::mem::replace(&mut self.depth, 1);
        let loops = self.parts.loops.replace(self.loops.len());
        let written = self.block(block);
        self.parts.loops = loops;
        self.depth = depth;
        written?;
        let body = std::mem::replace(&mut self.out, out);
        self.parts.text.push_str(&format!("function {name}()\n{body}end\n"));
        self.call_part(&name, block);
        Ok(())
    }

    fn call_part(&mut self, name: &str, block: BlockId) {
        let (mut breaks, mut continues) = (false, false);
        self.leaves(block, &mut breaks, &mut continues);
        self.line("do");
        self.depth += 1;
        self.line(&format!("local how, value = {name}()"));
        self.line("if how == \"return\" then");
        self.depth += 1;
        self.begin_return();
        self.put("value\n");
        self.depth -= 1;
        for (word, wanted) in [("break", breaks), ("continue", continues)] {
            if wanted {
                self.line(&format!("elseif how == \"{word}\" then"));
                self.depth += 1;
                if word == "break" {
                    self.break_()
                } else {
                    self.continue_()
                }
                self.depth -= 1;
            }
        }
        self.line("end");
        self.depth -= 1;
        self.line("end");
    }

    /// Returns whether a block leaves a loop around it, or goes on with its next round.
    fn leaves(&self, block: BlockId, breaks: &mut bool, continues: &mut bool) {
        for stmt in self.ir.block(block) {
            match &stmt.kind {
                StmtKind::Break => *breaks = true,
                StmtKind::Continue => *continues = true,
                StmtKind::If(_, then, other) => {
                    self.leaves(*then, breaks, continues);
                    self.leaves(*other, breaks, continues);
                }
                _ => {}
            }
        }
    }

    /// Returns whether the innermost loop is around the part that is being written.
    fn is_outside(&self) -> bool {
        self.parts.loops == Some(self.loops.len())
    }

    pub(super) fn break_(&mut self) {
        match self.loops.last().cloned().flatten() {
            _ if self.is_outside() => self.line("return \"break\""),
            Some(leave) => self.line(&format!("{leave} = true break")),
            None => self.line("break"),
        }
    }

    /// Lua has no `continue`: it leaves the loop of one round that is around the body.
    pub(super) fn continue_(&mut self) {
        self.line(if self.is_outside() { "return \"continue\"" } else { "break" });
    }

    /// Writes a `return` up to its value.
    pub(super) fn begin_return(&mut self) {
        self.begin(if self.parts.loops.is_some() { "return \"return\", " } else { "return " });
    }
}
