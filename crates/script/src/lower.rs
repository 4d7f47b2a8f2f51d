//! From what the user wrote to the [`Ir`]: commands become statements, lazy operators become branches, scopes are checked.
//!
//! The order of evaluation is kept: when an operand needs statements, the operands before it go to temporaries first.

use crate::draft::{Expr as Built, Node, NodeKind, State, Statement, StatementKind};
use crate::functions::Function;
use crate::ir::{BlockId, Body, ExprId, ExprKind, ExprNode, Ir, Origin, Stmt, StmtKind, Target, VarDecl, VarId};
use crate::problem::Problem;
use crate::source_line::SourceLine;
use crate::uses::{Reused, Uses};

/// Expressions nested deeper than this are cut with a temporary: Lua's parser is recursive.
const MAX_NESTING: u32 = 40;

/// Blocks nested deeper than this would be too much for recursive code.
const MAX_BLOCKS: usize = 300;

/// The IR of a draft, and its problems.
#[derive(Debug)]
pub(crate) struct Lowered {
    /// Well formed if there are no problems; otherwise good enough to look for more of them.
    pub(crate) ir: Ir,
    /// The problems of the draft and of its scopes.
    pub(crate) problems: Vec<Problem>,
    /// Warnings: what is allowed and looks like a mistake.
    pub(crate) warnings: Vec<Problem>,
}

/// Lowers a draft.
pub(crate) fn lower(state: &State) -> Lowered {
    let statements: usize = state.blocks.iter().map(Vec::len).sum();
    let ir = Ir {
        exprs: Vec::with_capacity(4 * statements),
        blocks: Vec::with_capacity(state.blocks.len()),
        keys: state.keys.clone(),
        args: state.args.clone(),
        vars: state.vars.iter().map(|origin| VarDecl { origin: *origin }).collect(),
        ..Ir::default()
    };
    let known = vec![false; state.vars.len()];
    let mut lower = Lower {
        state,
        ir,
        open: Vec::new(),
        known,
        depths: Vec::with_capacity(4 * statements),
        problems: state.problems.clone(),
        loops: 0,
        opened: Vec::new(),
        uses: Uses::default(),
        warnings: Vec::new(),
    };
    lower.ir.body = lower.block(0, &[]);
    Lowered { ir: lower.ir, problems: lower.problems, warnings: lower.warnings }
}

struct Lower<'a> {
    state: &'a State,
    ir: Ir,
    /// The blocks that are being filled, innermost last.
    open: Vec<Body>,
    /// The variables in scope.
    known: Vec<bool>,
    /// The depths of the expressions.
    depths: Vec<u32>,
    problems: Vec<Problem>,
    loops: usize,
    /// The blocks of the draft that are being lowered: a block in itself would never end.
    opened: Vec<usize>,
    uses: Uses<'a>,
    warnings: Vec<Problem>,
}

impl<'a> Lower<'a> {
    fn problem(&mut self, place: &SourceLine, message: impl Into<String>) {
        self.problems.push(Problem { place: place.clone(), message: message.into() });
    }

    fn emit(&mut self, place: &SourceLine, kind: StmtKind) {
        if let Some(block) = self.open.last_mut() {
            block.push(Stmt { kind, place: place.clone() });
        }
    }

    /// Lowers what `fill` emits into a block of its own; what it declares is unknown afterwards.
    fn nested(&mut self, fill: impl FnOnce(&mut Self)) -> BlockId {
        let known = self.known.clone();
        self.open.push(Body::new());
        fill(self);
        let block = self.open.pop().unwrap_or_default();
        self.known = known;
        self.ir.blocks.push(block);
        BlockId(self.ir.blocks.len() as u32 - 1)
    }

    fn block(&mut self, draft: usize, declared: &[u32]) -> BlockId {
        let state = self.state;
        self.nested(|lower| {
            declared.iter().for_each(|var| lower.known[*var as usize] = true);
            lower.opened.push(draft);
            match state.blocks[draft].first() {
                Some(first) if lower.opened.len() > MAX_BLOCKS => {
                    lower.problem(&first.place, format!("blocks are nested more than {MAX_BLOCKS} deep"));
                }
                _ => lower.statements(&state.blocks[draft]),
            }
            lower.opened.pop();
        })
    }

    fn statements(&mut self, statements: &'a [Statement]) {
        for (i, statement) in statements.iter().enumerate() {
            self.statement(statement);
            let leaves = match statement.kind {
                StatementKind::Return(_) => "return",
                StatementKind::Break => "break",
                StatementKind::Continue => "continue",
                _ => continue,
            };
            if let Some(next) = statements.get(i + 1) {
                self.problem(&next.place, format!("code after `{leaves}` never runs; remove it"));
            }
        }
    }

    fn statement(&mut self, statement: &'a Statement) {
        let place = &statement.place;
        self.uses.statement(place);
        match &statement.kind {
            StatementKind::Local(var, init) => {
                self.value_into(Target::New(VarId(*var)), init, place);
                self.known[*var as usize] = true;
            }
            StatementKind::Assign(target, value) => match self.variable(target) {
                Some(var) => self.value_into(Target::Known(var), value, place),
                None => self.problem(place, "only a variable can be assigned to; declare one with `local`"),
            },
            StatementKind::Add(expr) => self.effect(expr),
            StatementKind::SetAt(list, index, value) => {
                let [list, index, value] = self.operands([list, index, value]);
                self.emit(place, StmtKind::SetAt(list, index, value));
            }
            StatementKind::SetKey(dict, key, value) => {
                let [dict, key, value] = self.operands([dict, key, value]);
                self.emit(place, StmtKind::SetKey(dict, key, value));
            }
            StatementKind::If(cond, then, other) => {
                let cond = self.cond(cond);
                self.uses.enter();
                let then = self.block(*then, &[]);
                self.uses.enter_other();
                let other = self.block(*other, &[]);
                self.uses.leave();
                self.emit(place, StmtKind::If(cond, then, other));
            }
            StatementKind::While(cond, body) => self.while_(cond, *body, place),
            StatementKind::For { list, index, item, body } => {
                let list = self.expr(list);
                self.loops += 1;
                let body = self.block(*body, &[*index, *item]);
                self.loops -= 1;
                let (index, item) = (VarId(*index), VarId(*item));
                self.emit(place, StmtKind::For { list, index, item, body });
            }
            StatementKind::Return(value) => {
                let value = self.expr(value);
                self.emit(place, StmtKind::Return(value));
            }
            StatementKind::Break | StatementKind::Continue if self.loops == 0 => {
                self.problem(place, "`break` and `continue` belong into a loop; use `returns` to end the script");
            }
            StatementKind::Break => self.emit(place, StmtKind::Break),
            StatementKind::Continue => self.emit(place, StmtKind::Continue),
        }
    }

    fn while_(&mut self, cond: &Built, body: usize, place: &SourceLine) {
        let mut cond_id = ExprId::default();
        let head = self.nested(|lower| cond_id = lower.cond(cond));
        self.loops += 1;
        let body = self.block(body, &[]);
        self.loops -= 1;
        self.emit(place, StmtKind::While { head, cond: cond_id, body });
    }

    /// The variable that an expression names, if it is one that can be seen here.
    fn variable(&mut self, expr: &Built) -> Option<VarId> {
        let node = expr.node();
        let NodeKind::Var(draft, var) = node.kind else { return None };
        if draft != self.state.id {
            self.problem(&node.place, "this variable belongs to another script; hand its value over as an argument");
            return Some(self.temp());
        }
        if !self.known[var as usize] {
            let what = "this variable is used outside of its block or before its declaration; declare it further out";
            self.problem(&node.place, what);
        }
        Some(VarId(var))
    }

    /// Evaluates an expression for its effect.
    fn effect(&mut self, expr: &Built) {
        let node = expr.node();
        match &node.kind {
            NodeKind::Command(name, args) => {
                self.meet(node);
                self.command(Target::Nowhere, name, args, &node.place);
            }
            NodeKind::Log(level, message) => {
                let [level, message] = self.operands([level, message]);
                self.emit(&node.place, StmtKind::Log(level, message));
            }
            _ => {
                let value = self.expr(expr);
                self.emit(&node.place, StmtKind::Set(Target::Nowhere, value));
            }
        }
    }

    /// Evaluates an expression into a variable.
    fn value_into(&mut self, target: Target, expr: &Built, place: &SourceLine) {
        let node = expr.node();
        match &node.kind {
            NodeKind::Command(name, args) => {
                self.meet(node);
                self.command(target, name, args, place);
            }
            NodeKind::Default(value, default) if matches!(target, Target::New(_)) => {
                self.default_into(target, value, default, place);
            }
            _ => {
                let value = self.expr(expr);
                self.emit(place, StmtKind::Set(target, value));
            }
        }
    }

    fn command(&mut self, target: Target, name: &str, args: &[Built], place: &SourceLine) {
        let args = self.operand_list(args.iter());
        self.emit(place, StmtKind::Command(target, name.to_owned(), args));
    }

    /// Records a call; one whose repetition matters is refused or warned about.
    fn meet(&mut self, node: &Node) {
        let Some(Reused { place, message, matters }) = self.uses.meet(node) else { return };
        let found = if matters { &mut self.problems } else { &mut self.warnings };
        found.push(Problem { place, message });
    }

    /// Declares a variable with a value, and gives it the default if that is None.
    fn default_into(&mut self, target: Target, value: &Built, default: &Built, place: &SourceLine) {
        self.value_into(target, value, place);
        let Some(var) = target.var() else { return };
        let read = self.leaf(ExprKind::Var(var), place);
        let none = self.leaf(ExprKind::None, place);
        let missing = self.make(ExprKind::Binary(crate::ir::BinaryOp::Eq, read, none), place);
        self.assign_if(missing, var, default, place);
    }

    /// `if cond: var = value`
    fn assign_if(&mut self, cond: ExprId, var: VarId, value: &Built, place: &SourceLine) {
        let then = self.nested(|lower| lower.value_into(Target::Known(var), value, place));
        let other = self.nested(|_| {});
        self.emit(place, StmtKind::If(cond, then, other));
    }

    fn temp(&mut self) -> VarId {
        self.ir.vars.push(VarDecl { origin: Origin::Temp });
        self.known.push(true);
        VarId(self.ir.vars.len() as u32 - 1)
    }

    fn leaf(&mut self, kind: ExprKind, place: &SourceLine) -> ExprId {
        self.ir.exprs.push(ExprNode { kind, place: place.clone() });
        self.depths.push(0);
        ExprId(self.ir.exprs.len() as u32 - 1)
    }

    /// A new expression over operands that exist already.
    fn make(&mut self, kind: ExprKind, place: &SourceLine) -> ExprId {
        let id = self.leaf(kind, place);
        let mut depth = 0;
        let depths = &self.depths;
        self.ir.operands(id, &mut |operand| depth = depth.max(depths[operand.0 as usize] + 1));
        self.depths[id.0 as usize] = depth;
        if depth > MAX_NESTING { self.spill(id) } else { id }
    }

    /// Stores the value of an expression in a temporary.
    fn spill(&mut self, id: ExprId) -> ExprId {
        let place = self.ir.place(id).clone();
        let temp = self.temp();
        self.emit(&place, StmtKind::Set(Target::New(temp), id));
        self.leaf(ExprKind::Var(temp), &place)
    }

    /// Returns whether evaluating it later gives the same and cannot fail.
    fn is_stable(&self, id: ExprId) -> bool {
        use ExprKind::{Arg, Bool, Key, None, Num, Str, Var};
        matches!(self.ir.expr(id), None | Bool(_) | Num(_) | Str(_) | Key(_) | Arg(_) | Var(_))
    }

    fn operands<const N: usize>(&mut self, operands: [&Built; N]) -> [ExprId; N] {
        let ids = self.operand_list(operands.into_iter());
        std::array::from_fn(|i| ids.get(i).copied().unwrap_or_default())
    }

    /// Lowers operands so that they are evaluated from left to right.
    fn operand_list<'b>(&mut self, operands: impl Iterator<Item = &'b Built> + Clone) -> Vec<ExprId> {
        let mut emitting = operands.clone().filter(|operand| must_emit(operand.node())).count();
        let mut ids = Vec::new();
        for operand in operands {
            emitting -= usize::from(must_emit(operand.node()));
            let id = self.expr(operand);
            ids.push(if emitting > 0 && !self.is_stable(id) { self.spill(id) } else { id });
        }
        ids
    }

    fn expr(&mut self, expr: &Built) -> ExprId {
        let node = expr.node();
        let place = &node.place;
        match &node.kind {
            NodeKind::None => self.leaf(ExprKind::None, place),
            NodeKind::Bool(value) => self.leaf(ExprKind::Bool(*value), place),
            NodeKind::Num(value) => self.leaf(ExprKind::Num(*value), place),
            NodeKind::Str(text) => self.leaf(ExprKind::Str(text.clone()), place),
            NodeKind::Refused(why) => {
                self.problem(place, why.clone());
                self.unknown(place)
            }
            NodeKind::Arg(draft, _) | NodeKind::Key(draft, _) if *draft != self.state.id => {
                self.problem(place, "this parameter belongs to another script; declare one here");
                self.unknown(place)
            }
            NodeKind::Arg(_, arg) => self.leaf(ExprKind::Arg(*arg), place),
            NodeKind::Key(_, key) => self.leaf(ExprKind::Key(*key), place),
            NodeKind::Var(..) => match self.variable(expr) {
                Some(var) => self.leaf(ExprKind::Var(var), place),
                None => self.unknown(place),
            },
            NodeKind::And(a, b) if is_boolean(a) && is_boolean(b) => self.logic(a, b, true, place),
            NodeKind::Or(a, b) if is_boolean(a) && is_boolean(b) => self.logic(a, b, false, place),
            NodeKind::And(a, b) => self.branch(a, b, true, place),
            NodeKind::Or(a, b) => self.branch(a, b, false, place),
            NodeKind::Default(value, default) => {
                let temp = self.temp();
                self.default_into(Target::New(temp), value, default, place);
                self.leaf(ExprKind::Var(temp), place)
            }
            NodeKind::Command(name, args) => {
                self.meet(node);
                let args = self.operand_list(args.iter());
                let temp = self.temp();
                self.emit(place, StmtKind::Command(Target::New(temp), name.clone(), args));
                self.leaf(ExprKind::Var(temp), place)
            }
            NodeKind::Log(..) => {
                self.effect(expr);
                self.leaf(ExprKind::None, place)
            }
            NodeKind::Not(a) => {
                let a = self.cond(a);
                self.make(ExprKind::Not(a), place)
            }
            NodeKind::Name(name) => {
                self.uses.open_name();
                let name = self.expr(name);
                self.uses.close_name();
                name
            }
            NodeKind::Apply(row, _) if row.is_hosted() || row.is_in_lua() => {
                self.meet(node);
                self.compound(&node.kind, place)
            }
            kind => self.compound(kind, place),
        }
    }

    /// Expressions that evaluate all their operands.
    fn compound(&mut self, kind: &NodeKind, place: &SourceLine) -> ExprId {
        let kind = match kind {
            NodeKind::List(items) => ExprKind::List(self.operand_list(items.iter())),
            NodeKind::Call(name, args) => ExprKind::Call(name.clone(), self.operand_list(args.iter())),
            NodeKind::Apply(row, args) if self.own_function(row) => {
                ExprKind::Call(row.name().to_owned(), self.operand_list(args.iter()))
            }
            NodeKind::Apply(row, _) => {
                self.problem(place, format!("another function is called {:?}; rename one", row.name()));
                return self.unknown(place);
            }
            NodeKind::Dict(pairs) => {
                let ids = self.operand_list(pairs.iter().flat_map(|(key, value)| [key, value]));
                ExprKind::Dict(ids.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
            }
            NodeKind::Binary(op, a, b) => {
                let [a, b] = self.operands([a, b]);
                ExprKind::Binary(*op, a, b)
            }
            NodeKind::Index(a, b) => {
                let [a, b] = self.operands([a, b]);
                ExprKind::Index(a, b)
            }
            NodeKind::Get(a, b) => {
                let [a, b] = self.operands([a, b]);
                ExprKind::Get(a, b)
            }
            _ => ExprKind::None,
        };
        self.make(kind, place)
    }

    /// A placeholder for what is wrong: a variable without a value, in which no check finds further mistakes.
    fn unknown(&mut self, place: &SourceLine) -> ExprId {
        let temp = self.temp();
        self.leaf(ExprKind::Var(temp), place)
    }

    /// Registers a user's function; from here on its name stands for it, unless it stands for another.
    fn own_function(&mut self, row: &Function) -> bool {
        match self.ir.function(row.name()) {
            Some(known) => known == row,
            None => {
                self.ir.functions.push(row.clone());
                true
            }
        }
    }

    /// An expression of which only the truth matters.
    fn cond(&mut self, expr: &Built) -> ExprId {
        let node = expr.node();
        match &node.kind {
            NodeKind::And(a, b) => self.logic(a, b, true, &node.place),
            NodeKind::Or(a, b) => self.logic(a, b, false, &node.place),
            _ => self.expr(expr),
        }
    }

    /// The truth of `a and b` or of `a or b`.
    fn logic(&mut self, a: &Built, b: &Built, and: bool, place: &SourceLine) -> ExprId {
        if must_emit_truth(b.node()) || b.node().depth >= MAX_NESTING {
            return self.branch(a, b, and, place);
        }
        let a = self.cond(a);
        let b = self.cond(b);
        self.make(if and { ExprKind::Both(a, b) } else { ExprKind::Either(a, b) }, place)
    }

    /// The value of `a and b` or of `a or b`, by a branch.
    fn branch(&mut self, a: &Built, b: &Built, and: bool, place: &SourceLine) -> ExprId {
        let temp = self.temp();
        self.value_into(Target::New(temp), a, place);
        let read = self.leaf(ExprKind::Var(temp), place);
        let cond = if and { read } else { self.make(ExprKind::Not(read), place) };
        self.assign_if(cond, temp, b, place);
        self.leaf(ExprKind::Var(temp), place)
    }
}

/// Returns whether an expression is a boolean, whatever its operands are.
fn is_boolean(expr: &Built) -> bool {
    use crate::ir::BinaryOp::{Eq, Ne};
    match &expr.node().kind {
        NodeKind::Bool(_) | NodeKind::Not(_) => true,
        NodeKind::Binary(op, ..) => matches!(op, Eq | Ne) || op.is_ordering(),
        NodeKind::And(a, b) | NodeKind::Or(a, b) => is_boolean(a) && is_boolean(b),
        _ => false,
    }
}

/// Returns whether evaluating the value of an expression may emit statements.
fn must_emit(node: &Node) -> bool {
    node.emits || node.depth >= MAX_NESTING
}

/// Returns whether evaluating the truth of an expression emits statements.
fn must_emit_truth(node: &Node) -> bool {
    match &node.kind {
        NodeKind::And(a, b) | NodeKind::Or(a, b) => must_emit_truth(a.node()) || must_emit_truth(b.node()),
        NodeKind::Not(a) => must_emit_truth(a.node()),
        _ => node.emits,
    }
}
