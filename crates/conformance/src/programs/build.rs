//! Programs as drafts, through the same builder that users hold. Every statement has the place of its line in the
//! text that [`show`](super::show) prints.

use std::borrow::Cow;
use std::collections::HashMap;

use redipy_script::functions::Function;
use redipy_script::ir::BinaryOp;
use redipy_script::value::Val;
use redipy_script::{
    Block, Draft, Expr as Built, ScriptCall, SourceLine, Type, Var, call, command, dict, list, log_text,
};

use super::ast::{Expr, For, Op, Program, Stmt};

/// What the file of a program is called in the places of problems.
pub const FILE: &str = "program";

/// Functions that users might add.
static OWN: [Function; 3] = [
    Function::new("half", &[Type::NUM], Type::NUM, "function(x) return x / 2 end", |args| {
        Ok(Val::Num(args[0].as_num().unwrap_or_default() / 2.0))
    }),
    // What it gives is not always what it promises.
    Function::new("as_number", &[Type::ANY], Type::NUM, "function(x) return x end", |args| Ok(args[0].clone())),
    Function::new("pair", &[Type::ANY, Type::ANY], Type::LIST, PAIR, |args| {
        Ok(Val::list(vec![args[0].clone(), args.get(1).copied().cloned().unwrap_or_default()]))
    })
    .optional(1),
];

const PAIR: &str = "function(a, b)
  if a == nil then a = cjson.null end
  if b == nil then b = cjson.null end
  return {[0] = 2, a, b}
end";

/// Builds a program; None when it names what it does not declare, as it can after something was cut out.
pub fn build(program: &Program) -> Option<Draft> {
    let draft = Draft::new();
    let (keys, args) = program.used();
    let root = draft.root();
    let declared = |used: &[bool], names: &[&String], declare: &dyn Fn(&str) -> Built| -> Vec<Option<Built>> {
        names.iter().zip(used).map(|(name, used)| used.then(|| declare(name))).collect()
    };
    let names: Vec<_> = program.keys.iter().map(|(name, _)| name).collect();
    let keys = declared(&keys, &names, &|name| root.key(name));
    let names: Vec<_> = program.args.iter().map(|(name, _)| name).collect();
    let args = declared(&args, &names, &|name| root.arg(name));
    let mut builder = Builder { keys, args, known: HashMap::new(), line: 0 };
    builder.block(root, &program.body)?;
    Some(draft)
}

/// What the keys of programs get before them that are called under a prefix.
pub const PREFIX: &[u8] = b"p:";

/// The call of a program's script: every key and every argument that it uses.
pub fn call_of(program: &Program, mut call: ScriptCall) -> ScriptCall {
    let (keys, args) = program.used();
    for ((name, key), _) in program.keys.iter().zip(keys).filter(|(_, used)| *used) {
        call = call.key(name, &key[..]);
    }
    for ((name, value), _) in program.args.iter().zip(args).filter(|(_, used)| *used) {
        call = call.arg(name, value.clone());
    }
    if program.prefixed { call.clone().prefixed(PREFIX).unwrap_or(call) } else { call }
}

enum Known {
    Variable(Var),
    /// It is built anew at every use: an expression that calls something may be built in at one place only.
    Name(Expr),
}

struct Builder {
    keys: Vec<Option<Built>>,
    args: Vec<Option<Built>>,
    known: HashMap<u32, Known>,
    line: u32,
}

impl Builder {
    fn block(&mut self, block: &Block, stmts: &[Stmt]) -> Option<()> {
        if stmts.is_empty() {
            self.line += 1;
        }
        stmts.iter().try_for_each(|stmt| self.stmt(block, stmt))
    }

    /// The place of the next line.
    fn next_line(&mut self) -> SourceLine {
        self.line += 1;
        SourceLine { file: Cow::Borrowed(FILE), line: self.line }
    }

    fn stmt(&mut self, block: &Block, stmt: &Stmt) -> Option<()> {
        let place = self.next_line();
        match stmt {
            Stmt::If(arms, other) => return self.branches(block, arms, other, place),
            Stmt::While(rounds, cond, body) => return self.repeated(block, *rounds, cond, body, &place),
            Stmt::For(each) => return self.each(block, each, &place),
            Stmt::Break => place.during(|| block.break_()),
            Stmt::Continue => place.during(|| block.continue_()),
            simple => place.during(|| self.simple(block, simple))?,
        }
        Some(())
    }

    fn simple(&mut self, block: &Block, stmt: &Stmt) -> Option<()> {
        match stmt {
            Stmt::Local(id, init) => {
                let var = block.local(self.expr(init)?);
                self.known.insert(*id, Known::Variable(var));
            }
            Stmt::Name(id, named) => {
                self.expr(named)?;
                self.known.insert(*id, Known::Name(named.clone()));
            }
            Stmt::Assign(id, value) => {
                let value = self.expr(value)?;
                let Some(Known::Variable(var)) = self.known.get(id) else { return None };
                block.assign(var, value);
            }
            Stmt::Add(expr) => block.add(self.expr(expr)?),
            Stmt::SetAt(list, at, value) => block.set_at(self.expr(list)?, self.expr(at)?, self.expr(value)?),
            Stmt::SetKey(dict, key, value) => block.set_key(self.expr(dict)?, self.expr(key)?, self.expr(value)?),
            Stmt::Return(value) => block.returns(self.expr(value)?),
            _ => {}
        }
        Some(())
    }

    fn branches(&mut self, block: &Block, arms: &[(Expr, Vec<Stmt>)], other: &[Stmt], place: SourceLine) -> Option<()> {
        let (mut block, mut place) = (block.clone(), place);
        for (at, (cond, then)) in arms.iter().enumerate() {
            if at > 0 {
                place = self.next_line();
            }
            let blocks = place.clone().during(|| Some(block.if_blocks(self.expr(cond)?)))?;
            self.block(&blocks.0, then)?;
            block = blocks.1;
        }
        if other.is_empty() {
            return Some(());
        }
        self.line += 1;
        self.block(&block, other)
    }

    fn repeated(&mut self, block: &Block, rounds: u32, cond: &Expr, body: &[Stmt], place: &SourceLine) -> Option<()> {
        let inner = place.clone().during(|| {
            let round = block.local(0);
            let inner = block.while_block(round.lt(rounds).and(self.expr(cond)?));
            inner.assign(&round, &round + 1);
            Some(inner)
        })?;
        self.block(&inner, body)
    }

    fn each(&mut self, block: &Block, each: &For, place: &SourceLine) -> Option<()> {
        let (inner, index, item) = place.clone().during(|| {
            let round = each.limit.map(|_| block.local(0));
            let (inner, index, item) = block.for_block(self.expr(&each.list)?);
            if let (Some(round), Some(limit)) = (round, each.limit) {
                inner.if_(round.ge(limit), |full| full.break_());
                inner.assign(&round, &round + 1);
            }
            Some((inner, index, item))
        })?;
        self.known.insert(each.index, Known::Variable(index));
        self.known.insert(each.item, Known::Variable(item));
        self.block(&inner, &each.body)
    }

    fn expr(&self, expr: &Expr) -> Option<Built> {
        Some(match expr {
            Expr::Value(value) => value.clone().into(),
            Expr::Key(at) => self.keys.get(*at)?.clone()?,
            Expr::Arg(at) => self.args.get(*at)?.clone()?,
            Expr::Var(id) => match self.known.get(id)? {
                Known::Variable(var) => var.into(),
                Known::Name(named) => self.expr(named)?,
            },
            Expr::Op(op, operands) => {
                let operands = operands.iter().map(|operand| self.expr(operand)).collect::<Option<Vec<_>>>()?;
                operation(op, operands)?
            }
        })
    }
}

/// None with too few operands.
fn operation(op: &Op, operands: Vec<Built>) -> Option<Built> {
    let pair = || Some((operands.first()?.clone(), operands.get(1)?.clone()));
    Some(match op {
        Op::Not => operands.first()?.not(),
        Op::Neg => -operands.first()?.clone(),
        Op::And => pair()?.0.and(pair()?.1),
        Op::Or => pair()?.0.or(pair()?.1),
        Op::Default => pair()?.0.or_default(pair()?.1),
        Op::Index => pair()?.0.at(pair()?.1),
        Op::Get => pair()?.0.get_key(pair()?.1),
        Op::Binary(op) => {
            let (a, b) = pair()?;
            binary(*op, &a, b)
        }
        Op::List => list(operands),
        Op::Dict => dict(operands.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()))),
        Op::Call(name) => match OWN.iter().find(|own| own.name() == *name) {
            Some(own) => own.call(operands),
            None => call(*name, operands),
        },
        Op::Command(name) => command(name, operands),
        Op::Log(level) => log_text(*level, operands.first()?),
    })
}

fn binary(op: BinaryOp, a: &Built, b: Built) -> Built {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::FloorDiv => a.floor_div(b),
        BinaryOp::Mod => a % b,
        BinaryOp::Eq => a.eq(b),
        BinaryOp::Ne => a.ne(b),
        BinaryOp::Lt => a.lt(b),
        BinaryOp::Le => a.le(b),
        BinaryOp::Gt => a.gt(b),
        BinaryOp::Ge => a.ge(b),
    }
}

#[cfg(test)]
mod tests {
    use redipy_command::Value;

    use super::super::show::show;
    use super::*;

    #[test]
    fn places_are_the_lines_of_the_text() {
        let wrong = || Stmt::Add(Expr::call("nope", []));
        let when = Expr::Value(Value::Bool(true));
        let arms = vec![(when.clone(), vec![]), (when.clone(), vec![wrong()])];
        let body = vec![Stmt::If(arms, vec![wrong()]), Stmt::While(2, when, vec![wrong()]), wrong()];
        let program = Program { keys: Vec::new(), args: Vec::new(), setup: Vec::new(), body, prefixed: false };
        let error = build(&program).unwrap().compile().unwrap_err();
        let text = show(&program);
        let expected = text.lines().filter(|line| line.contains("nope")).map(|line| line[..4].trim().to_owned());
        let lines = error.message().lines().skip(1).map(|line| line.split(':').nth(1).unwrap_or_default().to_owned());
        assert_eq!(lines.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
}
