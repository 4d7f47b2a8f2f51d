//! The text of a program: deterministic, for people and for snapshots. `{:#}` adds the place of every statement.

use std::fmt::{self, Write};

use redipy_command::number::{FLOAT_LEN, format_number};

use crate::ir::{BlockId, ExprId, ExprKind, Ir, Origin, Stmt, StmtKind, Target, VarId};

impl fmt::Display for Ir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "keys {:?}", self.keys)?;
        writeln!(f, "args {:?}", self.args)?;
        for function in &self.functions {
            writeln!(f, "function {function:?} = {}", function.lua_text())?;
        }
        self.print_block(f, self.body, 0)
    }
}

impl Ir {
    /// A hash of the program's meaning: the SHA-1 of its text, in which no place occurs.
    pub fn stable_hash(&self) -> String {
        sha1_smol::Sha1::from(self.to_string()).digest().to_string()
    }

    fn print_block(&self, f: &mut fmt::Formatter<'_>, block: BlockId, depth: usize) -> fmt::Result {
        self.block(block).iter().try_for_each(|stmt| self.print_stmt(f, stmt, depth))
    }

    fn print_stmt(&self, f: &mut fmt::Formatter<'_>, stmt: &Stmt, depth: usize) -> fmt::Result {
        let pad = "  ".repeat(depth);
        let text = match &stmt.kind {
            StmtKind::Set(target, value) => format!("{}{}", self.target(*target), self.text(*value)),
            StmtKind::Command(target, name, args) => {
                format!("{}{name}({})", self.target(*target), self.texts(args))
            }
            StmtKind::Log(level, message) => format!("log({}, {})", self.text(*level), self.text(*message)),
            StmtKind::SetAt(a, b, c) | StmtKind::SetKey(a, b, c) => {
                format!("{}[{}] = {}", self.text(*a), self.text(*b), self.text(*c))
            }
            StmtKind::If(cond, ..) => format!("if {}", self.text(*cond)),
            StmtKind::While { head, cond, .. } if self.block(*head).is_empty() => format!("while {}", self.text(*cond)),
            StmtKind::While { .. } => "loop".to_owned(),
            StmtKind::For { list, index, item, .. } => {
                format!("for {}, {} in {}", self.name(*index), self.name(*item), self.text(*list))
            }
            StmtKind::Break => "break".to_owned(),
            StmtKind::Continue => "continue".to_owned(),
            StmtKind::Return(value) => format!("return {}", self.text(*value)),
        };
        write!(f, "{pad}{text}")?;
        if f.alternate() {
            write!(f, "  -- {}", stmt.place)?;
        }
        writeln!(f)?;
        match &stmt.kind {
            StmtKind::If(_, then, other) => {
                self.print_block(f, *then, depth + 1)?;
                if !self.block(*other).is_empty() {
                    writeln!(f, "{pad}else")?;
                    self.print_block(f, *other, depth + 1)?;
                }
            }
            StmtKind::While { head, cond, body } => {
                if !self.block(*head).is_empty() {
                    self.print_block(f, *head, depth + 1)?;
                    writeln!(f, "{pad}while {}", self.text(*cond))?;
                }
                self.print_block(f, *body, depth + 1)?;
            }
            StmtKind::For { body, .. } => self.print_block(f, *body, depth + 1)?,
            _ => {}
        }
        Ok(())
    }

    fn target(&self, target: Target) -> String {
        match target {
            Target::Nowhere => String::new(),
            Target::New(var) => format!("let {} = ", self.name(var)),
            Target::Known(var) => format!("{} = ", self.name(var)),
        }
    }

    fn name(&self, var: VarId) -> String {
        let letter = match self.vars[var.0 as usize].origin {
            Origin::Local => 'v',
            Origin::Index => 'i',
            Origin::Item => 'x',
            Origin::Temp => 't',
        };
        format!("{letter}{}", var.0)
    }

    fn texts(&self, ids: &[ExprId]) -> String {
        ids.iter().map(|id| self.text(*id)).collect::<Vec<_>>().join(", ")
    }

    /// The text of one expression.
    pub fn text(&self, id: ExprId) -> String {
        match self.expr(id) {
            ExprKind::None => "None".to_owned(),
            ExprKind::Bool(true) => "True".to_owned(),
            ExprKind::Bool(false) => "False".to_owned(),
            ExprKind::Num(number) => String::from_utf8_lossy(format_number(*number, &mut [0; FLOAT_LEN])).into_owned(),
            ExprKind::Str(text) => format!("{text:?}"),
            ExprKind::List(items) => format!("[{}]", self.texts(items)),
            ExprKind::Dict(pairs) => {
                let mut out = String::new();
                for (key, value) in pairs {
                    let comma = if out.is_empty() { "" } else { ", " };
                    let _ = write!(out, "{comma}{}: {}", self.text(*key), self.text(*value));
                }
                format!("{{{out}}}")
            }
            ExprKind::Key(key) => format!("key {:?}", self.keys[*key as usize]),
            ExprKind::Arg(arg) => format!("arg {:?}", self.args[*arg as usize]),
            ExprKind::Var(var) => self.name(*var),
            ExprKind::Not(a) => format!("not {}", self.text(*a)),
            ExprKind::Both(a, b) => format!("({} and {})", self.text(*a), self.text(*b)),
            ExprKind::Either(a, b) => format!("({} or {})", self.text(*a), self.text(*b)),
            ExprKind::Binary(op, a, b) => format!("({} {} {})", self.text(*a), op.sign(), self.text(*b)),
            ExprKind::Index(list, index) => format!("{}[{}]", self.text(*list), self.text(*index)),
            ExprKind::Get(dict, key) => format!("{}.get({})", self.text(*dict), self.text(*key)),
            ExprKind::Call(name, args) => format!("{name}({})", self.texts(args)),
        }
    }
}
