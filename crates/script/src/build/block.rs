//! Blocks: where statements go. A script is built on its root block.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use redipy_command::Result;

use super::objects::{RedisHash, RedisList, RedisSet, RedisSortedSet, RedisVar};
use crate::check::check_lowered;
use crate::draft::{Expr, NONE, NodeKind, State, Statement, StatementKind, Var};
use crate::ir::Origin;
use crate::lower::lower;
use crate::problem::Problem;
use crate::script::Script;
use crate::source_line::SourceLine;

/// A script that is being written.
#[derive(Debug)]
pub struct Draft {
    root: Block,
}

/// A sequence of statements: the script itself, or a branch or loop in it.
///
/// Handles are cheap; statements are appended in the order of the calls.
#[derive(Debug, Clone)]
pub struct Block {
    state: Rc<RefCell<State>>,
    id: usize,
}

/// The other branch of a condition; see [`Block::if_`].
#[derive(Debug)]
pub struct Else {
    block: Block,
}

/// Writes a script: the closure receives the root block.
///
/// ```
/// # mod redipy { pub use redipy_command::*; pub use redipy_script as script; }
/// use redipy::script::{NONE, num, script};
///
/// let filter = script(|f| {
///     let cmp = f.arg("cmp");
///     let (inp, left, right) = (f.list("inp"), f.list("left"), f.list("right"));
///     let cur = f.local(inp.lpop());
///     f.while_(cur.ne(NONE), |b| {
///         b.if_(num(&cur).lt(&cmp), |t| t.add(left.rpush(&cur))).else_(|e| e.add(right.rpush(&cur)));
///         b.assign(&cur, inp.lpop());
///     });
///     f.returns(NONE);
/// });
/// assert_eq!(filter.compile()?.keys(), ["inp", "left", "right"]);
/// # Ok::<(), redipy::Error>(())
/// ```
pub fn script(build: impl FnOnce(&Block)) -> Draft {
    let draft = Draft::new();
    build(draft.root());
    draft
}

impl Draft {
    /// An empty script.
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let state = State { id, blocks: vec![Vec::new()], ..State::default() };
        Self { root: Block { state: Rc::new(RefCell::new(state)), id: 0 } }
    }

    /// The block of the whole script.
    pub fn root(&self) -> &Block {
        &self.root
    }

    /// Checks the script and compiles it for both targets. The script is frozen: a statement that is added afterwards is
    /// a problem when the draft is compiled again.
    ///
    /// # Errors
    /// One error of [`Kind::Script`](crate::Kind::Script) that lists every problem with its place.
    pub fn compile(&self) -> Result<Script> {
        let mut state = self.root.state.borrow_mut();
        let lowered = lower(&state);
        state.registered = true;
        let strict = state.strict;
        drop(state);
        Script::of(check_lowered(lowered, strict)?)
    }

    /// Refuses commands on keys that are not made from a declared key, as a cluster does.
    ///
    /// ```
    /// # mod redipy { pub use redipy_command::*; pub use redipy_script as script; }
    /// use redipy::script::{Expr, redis, script};
    ///
    /// let draft = script(|f| f.add(redis("INCR", "counter", [] as [Expr; 0])));
    /// assert_eq!(draft.compile()?.undeclared().len(), 1);
    /// assert!(draft.strict().compile().is_err());
    /// # Ok::<(), redipy::Error>(())
    /// ```
    #[must_use]
    pub fn strict(self) -> Self {
        self.root.state.borrow_mut().strict = true;
        self
    }
}

impl Default for Draft {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! objects {
    ($($name:ident: $object:ident, $what:literal;)*) => { $(
        #[doc = concat!("Declares a key and gives ", $what, " on it.")]
        #[track_caller]
        pub fn $name(&self, name: &str) -> $object {
            $object::new(self.key(name))
        }
    )* };
}

impl Block {
    /// Declares an argument. It is a JSON value: None, a boolean, a number, a string, a list or a dict.
    #[track_caller]
    pub fn arg(&self, name: &str) -> Expr {
        let mut state = self.state.borrow_mut();
        let at = declare(&mut state, |state| &mut state.args, "argument", name);
        Expr::new(NodeKind::Arg(state.id, at))
    }

    /// Declares a key: a name by which the caller says which key of the database is meant.
    #[track_caller]
    pub fn key(&self, name: &str) -> Expr {
        let mut state = self.state.borrow_mut();
        let at = declare(&mut state, |state| &mut state.keys, "key", name);
        Expr::new(NodeKind::Key(state.id, at))
    }

    objects! {
        var: RedisVar, "a string";
        list: RedisList, "a list";
        hash: RedisHash, "a hash";
        set: RedisSet, "a set";
        zset: RedisSortedSet, "a sorted set";
    }

    /// Declares a variable with this value.
    #[track_caller]
    pub fn local(&self, init: impl Into<Expr>) -> Var {
        let (id, var) = self.new_var(Origin::Local);
        self.push(StatementKind::Local(id, init.into()));
        var
    }

    /// Evaluates an expression for its effect.
    #[track_caller]
    pub fn add(&self, expr: impl Into<Expr>) {
        self.push(StatementKind::Add(expr.into()));
    }

    /// Assigns a value to a variable.
    #[track_caller]
    pub fn assign(&self, var: &Var, value: impl Into<Expr>) {
        self.push(StatementKind::Assign(var.into(), value.into()));
    }

    /// `list[index] = value`; a position at the end appends.
    #[track_caller]
    pub fn set_at(&self, list: impl Into<Expr>, index: impl Into<Expr>, value: impl Into<Expr>) {
        self.push(StatementKind::SetAt(list.into(), index.into(), value.into()));
    }

    /// `dict[key] = value`.
    #[track_caller]
    pub fn set_key(&self, dict: impl Into<Expr>, key: impl Into<Expr>, value: impl Into<Expr>) {
        self.push(StatementKind::SetKey(dict.into(), key.into(), value.into()));
    }

    /// Adds statements that run only if a condition holds.
    #[track_caller]
    pub fn if_(&self, cond: impl Into<Expr>, then: impl FnOnce(&Block)) -> Else {
        let (block, other) = self.if_blocks(cond);
        then(&block);
        Else { block: other }
    }

    /// The two branches of a condition, as blocks.
    #[track_caller]
    pub fn if_blocks(&self, cond: impl Into<Expr>) -> (Block, Block) {
        let (then, other) = (self.new_block(), self.new_block());
        self.push(StatementKind::If(cond.into(), then.id, other.id));
        (then, other)
    }

    /// Adds a loop that runs while a condition holds; it is evaluated before every round.
    #[track_caller]
    pub fn while_(&self, cond: impl Into<Expr>, body: impl FnOnce(&Block)) {
        let block = self.while_block(cond);
        body(&block);
    }

    /// The body of a `while` loop, as a block.
    #[track_caller]
    pub fn while_block(&self, cond: impl Into<Expr>) -> Block {
        let body = self.new_block();
        self.push(StatementKind::While(cond.into(), body.id));
        body
    }

    /// Adds a loop over the items of a list; the closure receives the body, the position and the item.
    #[track_caller]
    pub fn for_(&self, list: impl Into<Expr>, body: impl FnOnce(&Block, Var, Var)) {
        let (block, index, item) = self.for_block(list);
        body(&block, index, item);
    }

    /// The body of a `for` loop, as a block, and its two variables.
    #[track_caller]
    pub fn for_block(&self, list: impl Into<Expr>) -> (Block, Var, Var) {
        let ((index, index_var), (item, item_var)) = (self.new_var(Origin::Index), self.new_var(Origin::Item));
        let body = self.new_block();
        self.push(StatementKind::For { list: list.into(), index, item, body: body.id });
        (body, index_var, item_var)
    }

    /// Returns this value from the script. A script that ends without one returns None.
    #[track_caller]
    pub fn returns(&self, value: impl Into<Expr>) {
        self.push(StatementKind::Return(value.into()));
    }

    /// Returns None from the script.
    #[track_caller]
    pub fn returns_none(&self) {
        self.returns(NONE);
    }

    /// Leaves the innermost loop.
    #[track_caller]
    pub fn break_(&self) {
        self.push(StatementKind::Break);
    }

    /// Starts the next round of the innermost loop.
    #[track_caller]
    pub fn continue_(&self) {
        self.push(StatementKind::Continue);
    }

    #[track_caller]
    fn push(&self, kind: StatementKind) {
        let place = SourceLine::caller();
        let mut state = self.state.borrow_mut();
        if state.registered {
            let message = "this script is registered already, which froze it; build another one".to_owned();
            state.problems.push(Problem { place: place.clone(), message });
        }
        state.blocks[self.id].push(Statement { kind, place });
    }

    fn new_block(&self) -> Block {
        let mut state = self.state.borrow_mut();
        state.blocks.push(Vec::new());
        Block { state: Rc::clone(&self.state), id: state.blocks.len() - 1 }
    }

    #[track_caller]
    fn new_var(&self, origin: Origin) -> (u32, Var) {
        let mut state = self.state.borrow_mut();
        let id = state.vars.len() as u32;
        state.vars.push(origin);
        (id, Var(Expr::new(NodeKind::Var(state.id, id))))
    }
}

impl Else {
    /// Adds statements that run if the condition does not hold.
    #[track_caller]
    pub fn else_(self, other: impl FnOnce(&Block)) {
        other(&self.block);
    }

    /// Tests another condition if this one does not hold.
    #[track_caller]
    pub fn elif(self, cond: impl Into<Expr>, then: impl FnOnce(&Block)) -> Else {
        self.block.if_(cond, then)
    }
}

/// The position of a new parameter; a name that is taken is a problem.
#[track_caller]
fn declare(state: &mut State, names: fn(&mut State) -> &mut Vec<String>, what: &str, name: &str) -> u32 {
    if names(state).iter().any(|taken| taken == name) {
        let message = format!("{what} {name:?} is declared twice");
        state.problems.push(Problem { place: SourceLine::caller(), message });
    }
    names(state).push(name.to_owned());
    names(state).len() as u32 - 1
}
