//! Random expressions of a wanted type.

use redipy_command::{Shape, Value};
use redipy_script::ir::BinaryOp;

use super::ast::{Expr, Op};
use super::commands::{self, LETTERS};
use super::scope::{Gen, Ty};
use super::values;
use crate::command::{Command, name_of};

const ARITHMETIC: [BinaryOp; 6] =
    [BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::Div, BinaryOp::FloorDiv, BinaryOp::Mod];

const ORDERINGS: [BinaryOp; 4] = [BinaryOp::Lt, BinaryOp::Le, BinaryOp::Gt, BinaryOp::Ge];

impl Gen<'_> {
    /// An expression, mostly of this type.
    pub(super) fn expr(&mut self, ty: Ty, depth: usize) -> Expr {
        if self.rng.percent(self.odd) {
            if self.rng.percent(2) && !self.gone.is_empty() {
                return Expr::Var(*self.rng.pick(&self.gone));
            }
            let ty = self.ty();
            let wrong = self.fitting(ty, depth);
            // What comes out of a list can be anything: such a mistake is found when the program runs.
            let hidden = self.rng.percent(80);
            return if hidden { Expr::op(Op::Index, [Expr::op(Op::List, [wrong]), Expr::int(0)]) } else { wrong };
        }
        self.fitting(ty, depth)
    }

    /// An expression of this type.
    fn fitting(&mut self, ty: Ty, depth: usize) -> Expr {
        let ty = if ty == Ty::Any && self.rng.percent(70) { self.ty() } else { ty };
        if self.rng.percent(if depth == 0 { 60 } else { 35 })
            && let Some(seen) = self.seen(ty)
        {
            return seen;
        }
        if depth == 0 || self.rng.percent(15) {
            return Expr::Value(self.literal(ty));
        }
        match ty {
            Ty::None => Expr::Value(Value::Null),
            Ty::Bool => self.bool(depth - 1),
            Ty::Num => self.num(depth - 1),
            Ty::Str => self.str(depth - 1),
            Ty::List => self.list(depth - 1),
            Ty::Dict => self.dict(depth - 1),
            Ty::Any => self.any(depth - 1),
        }
    }

    fn pair(&mut self, ty: Ty, depth: usize) -> [Expr; 2] {
        [self.expr(ty, depth), self.expr(ty, depth)]
    }

    fn bool(&mut self, depth: usize) -> Expr {
        match self.rng.below(12) {
            0..3 => {
                let ty = if self.rng.percent(65) { Ty::Num } else { Ty::Str };
                let op = *self.rng.pick(&ORDERINGS);
                Expr::op(Op::Binary(op), self.pair(ty, depth))
            }
            3..5 => {
                let (op, ty) = (*self.rng.pick(&[BinaryOp::Eq, BinaryOp::Ne]), self.ty());
                let other = match ty {
                    Ty::List if self.rng.percent(30) => Ty::Dict,
                    _ if self.rng.percent(20) => self.ty(),
                    ty => ty,
                };
                Expr::op(Op::Binary(op), [self.expr(ty, depth), self.expr(other, depth)])
            }
            5 | 6 => Expr::op(Op::Not, [self.expr(Ty::Any, depth)]),
            7 => {
                let whole = *self.rng.pick(&[Ty::Str, Ty::List, Ty::Dict]);
                let part = if whole == Ty::List { Ty::Any } else { Ty::Str };
                Expr::call("contains", [self.expr(whole, depth), self.expr(part, depth)])
            }
            8 | 9 => {
                let op = self.rng.pick(&[Op::And, Op::Or]).clone();
                Expr::op(op, self.pair(Ty::Bool, depth))
            }
            10 => {
                let left = Expr::op(Op::Command("TTL".into()), [self.object('s')]);
                let left = Expr::op(Op::Default, [left, Expr::int(-2)]);
                Expr::op(Op::Binary(BinaryOp::Gt), [left, Expr::int(50)])
            }
            _ => self.giving(&[Shape::Bool, Shape::Set], depth),
        }
    }

    fn num(&mut self, depth: usize) -> Expr {
        match self.rng.below(25) {
            0..6 => {
                let op = *self.rng.pick(&ARITHMETIC);
                let [a, b] = self.pair(Ty::Num, depth);
                let divides = matches!(op, BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod);
                let careful = divides && self.rng.percent(90);
                let b = if careful { Expr::op(Op::Or, [b, Expr::int(3)]) } else { b };
                Expr::op(Op::Binary(op), [a, b])
            }
            6 => Expr::op(Op::Neg, [self.expr(Ty::Num, depth)]),
            7 => Expr::call("abs", [self.expr(Ty::Num, depth)]),
            8 => {
                let name = *self.rng.pick(&["min", "max"]);
                Expr::call(name, self.pair(Ty::Num, depth))
            }
            9..11 => {
                let ty = *self.rng.pick(&[Ty::Str, Ty::List, Ty::Dict]);
                Expr::call("len", [self.expr(ty, depth)])
            }
            11 => {
                let ty = *self.rng.pick(&[Ty::Str, Ty::Any]);
                let number = Expr::call("num", [self.expr(ty, depth)]);
                Expr::op(Op::Default, [number, self.expr(Ty::Num, depth)])
            }
            12 => {
                let ty = if self.rng.percent(95) { Ty::Num } else { Ty::Str };
                Expr::call("int_str", [self.expr(ty, depth)])
            }
            13 => {
                let mut operands: Vec<Expr> = self.pair(Ty::Str, depth).into();
                if self.rng.percent(50) {
                    operands.push(self.expr(Ty::Num, depth));
                }
                Expr::op(Op::Default, [Expr::Op(Op::Call("find"), operands), Expr::int(-1)])
            }
            14 => {
                let op = self.rng.pick(&[Op::And, Op::Or]).clone();
                Expr::op(op, self.pair(Ty::Num, depth))
            }
            15 => Expr::call("half", [self.expr(Ty::Num, depth)]),
            17..22 => self.lua_num(depth),
            16 => {
                let known = if self.rng.percent(80) { Ty::Num } else { Ty::Any };
                Expr::call("as_number", [self.expr(known, depth)])
            }
            _ => self.giving(&[Shape::Count, Shape::Count, Shape::Number], depth),
        }
    }

    fn str(&mut self, depth: usize) -> Expr {
        match self.rng.below(24) {
            0..3 => Expr::op(Op::Binary(BinaryOp::Add), self.pair(Ty::Str, depth)),
            3..6 => {
                let part = |made: &mut Self| {
                    let ty = if made.rng.percent(60) { Ty::Str } else { Ty::Num };
                    made.expr(ty, depth)
                };
                let parts: Vec<Expr> = (0..1 + self.rng.below(3)).map(|_| part(self)).collect();
                Expr::call("strs", parts)
            }
            6 => {
                let ty = *self.rng.pick(&[Ty::None, Ty::Bool, Ty::Num, Ty::Num, Ty::Str]);
                Expr::call("to_str", [self.expr(ty, depth)])
            }
            7..9 => Expr::call("to_json", [self.expr(Ty::Any, depth)]),
            9 => {
                let name = *self.rng.pick(&["lower", "upper"]);
                Expr::call(name, [self.expr(Ty::Str, depth)])
            }
            10 => {
                let ty = if self.rng.percent(60) { Ty::Str } else { Ty::Num };
                let items: Vec<Expr> = (0..self.rng.below(4)).map(|_| self.expr(ty, depth)).collect();
                Expr::call("join", [Expr::Op(Op::List, items), self.expr(Ty::Str, 0)])
            }
            11 => self.slice(Ty::Str, depth),
            12 => Expr::call("type_str", [self.expr(Ty::Any, depth)]),
            13 => {
                let key = self.object('s');
                Expr::call("type_str", [Expr::op(Op::Command("TTL".into()), [key])])
            }
            14..18 => self.lua_str(depth),
            _ => {
                let found = self.giving(&[Shape::OptionalText, Shape::Text, Shape::Type], depth);
                Expr::op(Op::Default, [found, self.expr(Ty::Str, depth)])
            }
        }
    }

    /// A number by one of Lua's own functions, which take a text of one too.
    fn lua_num(&mut self, depth: usize) -> Expr {
        let number = |made: &mut Self| made.mostly(Ty::Num, Ty::Str, depth);
        match self.rng.below(5) {
            0 | 1 => {
                let name = *self.rng.pick(&["math.abs", "math.ceil", "math.floor", "math.sqrt"]);
                Expr::call(name, [number(self)])
            }
            2 => {
                let (a, b) = (number(self), number(self));
                let b = if self.rng.percent(90) { Expr::op(Op::Or, [b, Expr::int(3)]) } else { b };
                Expr::call("math.fmod", [a, b])
            }
            3 => {
                let name = *self.rng.pick(&["math.max", "math.min"]);
                let operands: Vec<Expr> = (0..1 + self.rng.below(3)).map(|_| number(self)).collect();
                Expr::call(name, operands)
            }
            _ => {
                let text = self.mostly(Ty::Str, Ty::Num, depth);
                if self.rng.percent(40) {
                    return Expr::call("string.len", [text]);
                }
                let operands: Vec<Expr> = [text].into_iter().chain(self.lua_positions(0, depth)).collect();
                Expr::op(Op::Default, [Expr::call("string.byte", operands), Expr::int(-1)])
            }
        }
    }

    /// A text by one of Lua's own functions, which take a number too.
    fn lua_str(&mut self, depth: usize) -> Expr {
        match self.rng.below(5) {
            0 | 1 => {
                let name = *self.rng.pick(&["string.lower", "string.reverse", "string.upper"]);
                Expr::call(name, [self.mostly(Ty::Str, Ty::Num, depth)])
            }
            2 => {
                let text = self.mostly(Ty::Str, Ty::Num, depth);
                let operands: Vec<Expr> = [text].into_iter().chain(self.lua_positions(1, depth)).collect();
                Expr::call("string.sub", operands)
            }
            3 => {
                let count =
                    if self.rng.percent(80) { Expr::int(self.rng.between(-1, 4)) } else { self.expr(Ty::Num, 0) };
                Expr::call("string.rep", [self.mostly(Ty::Str, Ty::Num, depth), count])
            }
            _ => {
                let code = |made: &mut Self| match made.rng.percent(90) {
                    true => Expr::int(made.rng.between(0, 255)),
                    false => made.expr(Ty::Num, depth),
                };
                let codes: Vec<Expr> = (0..self.rng.below(4)).map(|_| code(self)).collect();
                Expr::call("string.char", codes)
            }
        }
    }

    /// An expression of the first type, or sometimes of the other.
    fn mostly(&mut self, usual: Ty, other: Ty, depth: usize) -> Expr {
        let ty = if self.rng.percent(94) { usual } else { other };
        self.expr(ty, depth)
    }

    /// So many positions or more, up to two.
    fn lua_positions(&mut self, least: usize, depth: usize) -> Vec<Expr> {
        let count = least + self.rng.below(3 - least);
        let position = |made: &mut Self| match made.rng.percent(80) {
            true => Expr::int(made.rng.between(-5, 5)),
            false => made.expr(Ty::Num, depth),
        };
        (0..count).map(|_| position(self)).collect()
    }

    /// A part of a string or a list.
    fn slice(&mut self, ty: Ty, depth: usize) -> Expr {
        let whole = self.expr(ty, depth);
        let mut end = || if self.rng.percent(25) { Ty::None } else { Ty::Num };
        let (start, stop) = (end(), end());
        let mut bound = |ty| match ty {
            Ty::Num if self.rng.percent(70) => Expr::int(self.rng.between(-5, 5)),
            ty => self.expr(ty, depth),
        };
        Expr::call("slice", [whole, bound(start), bound(stop)])
    }

    fn list(&mut self, depth: usize) -> Expr {
        match self.rng.below(20) {
            0..5 => {
                let ty = self.ty();
                let items: Vec<Expr> = (0..self.rng.below(4)).map(|_| self.expr(ty, depth)).collect();
                Expr::Op(Op::List, items)
            }
            5..7 => Expr::op(Op::Binary(BinaryOp::Add), self.pair(Ty::List, depth)),
            7 => {
                let separator = if self.rng.percent(90) { Expr::text(",") } else { self.expr(Ty::Str, 0) };
                Expr::call("split", [self.expr(Ty::Str, depth), separator])
            }
            8..10 => self.slice(Ty::List, depth),
            10 => {
                let mut operands: Vec<Expr> = (0..2).map(|_| Expr::int(self.rng.between(-4, 6))).collect();
                if self.rng.percent(50) {
                    operands.push(Expr::int(self.rng.between(-3, 3)));
                }
                Expr::Op(Op::Call("range"), operands)
            }
            11 | 12 => {
                let name = *self.rng.pick(&["keys", "values"]);
                Expr::call(name, [self.expr(Ty::Dict, depth)])
            }
            13 => {
                let mut operands = vec![self.expr(Ty::Any, depth)];
                if self.rng.percent(60) {
                    operands.push(self.expr(Ty::Any, depth));
                }
                Expr::Op(Op::Call("pair"), operands)
            }
            14 if self.rng.percent(5) => {
                let items: Vec<Expr> = (0..300).map(Expr::int).collect();
                Expr::Op(Op::List, items)
            }
            _ => {
                let shapes = [Shape::List, Shape::Members, Shape::Items, Shape::Bools, Shape::Scored];
                self.giving(&shapes, depth)
            }
        }
    }

    fn dict(&mut self, depth: usize) -> Expr {
        match self.rng.below(10) {
            0..6 => {
                let mut operands = Vec::new();
                for _ in 0..self.rng.below(4) {
                    let ty = if self.rng.percent(85) { Ty::Str } else { Ty::Num };
                    operands.extend([self.expr(ty, 0), self.expr(Ty::Any, depth)]);
                }
                Expr::Op(Op::Dict, operands)
            }
            6 => Expr::call("from_json", [Expr::text("{\"a\": [1, {}], \"b\": null}")]),
            _ => self.giving(&[Shape::Dict, Shape::FieldsAsked], depth),
        }
    }

    fn any(&mut self, depth: usize) -> Expr {
        match self.rng.below(10) {
            0..3 => {
                let op = self.rng.pick(&[Op::And, Op::Or, Op::Default]).clone();
                Expr::op(op, self.pair(Ty::Any, depth))
            }
            3 | 4 => {
                let list = self.expr(Ty::List, depth);
                let at = Expr::int(self.rng.between(-2, 1));
                let long = Expr::op(Op::Binary(BinaryOp::Gt), [Expr::call("len", [list.clone()]), Expr::int(1)]);
                let item = Expr::op(Op::Index, [list, at]);
                if self.rng.percent(80) { Expr::op(Op::And, [long, item]) } else { item }
            }
            5 | 6 => {
                let key = if self.rng.percent(80) { Ty::Str } else { Ty::Num };
                Expr::op(Op::Get, [self.expr(Ty::Dict, depth), self.expr(key, 0)])
            }
            7 => {
                let text = if self.rng.percent(50) {
                    Expr::call("to_json", [self.expr(Ty::Any, depth)])
                } else {
                    Expr::text(values::json(&mut self.rng))
                };
                Expr::call("from_json", [text])
            }
            _ => self.command_expr(),
        }
    }

    /// A key of the type with this letter.
    fn object(&mut self, letter: char) -> Expr {
        let letter = if self.rng.percent(self.odd) { *self.rng.pick(&LETTERS) } else { letter };
        let key = format!("{letter}{}", self.rng.between(1, 3));
        self.key(key.into_bytes())
    }

    /// An expression for this key of the database.
    fn key(&mut self, key: Vec<u8>) -> Expr {
        if self.declares || self.rng.percent(40) {
            return Expr::Key(self.declare(key));
        }
        match self.rng.below(10) {
            0..4 => {
                let (start, end) = key.split_at(key.len() / 2);
                Expr::call("strs", [Expr::text(start), self.digits(end)])
            }
            4 => self.expr(Ty::Str, 1),
            5 | 7 => {
                let names: Vec<u32> = self.scope.iter().filter(|seen| seen.ty == Ty::Str).map(|seen| seen.id).collect();
                if names.is_empty() { Expr::text(key) } else { Expr::Var(*self.rng.pick(&names)) }
            }
            6 => {
                let (start, end) = key.split_at(key.len().min(1));
                let count = self.giving(&[Shape::Count], 0);
                let near = Expr::op(Op::Binary(BinaryOp::Mod), [count, Expr::int(2)]);
                let number = Expr::op(Op::Binary(BinaryOp::Add), [near, self.digits(end)]);
                Expr::call("strs", [Expr::text(start), number])
            }
            _ => Expr::text(key),
        }
    }

    /// A number for digits, the text itself for anything else.
    fn digits(&mut self, word: &[u8]) -> Expr {
        let number = std::str::from_utf8(word).ok().and_then(|text| text.parse::<i64>().ok());
        match number {
            Some(number) if number.unsigned_abs() < 1 << 53 => Expr::int(number),
            _ => Expr::text(word),
        }
    }

    /// Any command.
    pub(super) fn command_expr(&mut self) -> Expr {
        let (command, keys) = self.commands.any(&mut self.rng, self.odd);
        self.command(command, &keys, 2)
    }

    fn giving(&mut self, shapes: &[Shape], depth: usize) -> Expr {
        let shape = *self.rng.pick(shapes);
        let (command, keys) = self.commands.giving(shape, &mut self.rng);
        self.command(command, &keys, depth)
    }

    /// A command with expressions for its keys and for some of its other words.
    fn command(&mut self, command: Command, keys: &[usize], depth: usize) -> Expr {
        let delicate = commands::is_delicate(&command);
        let mut operands = Vec::with_capacity(command.len() - 1);
        for (at, word) in command.iter().enumerate().skip(1) {
            operands.push(match word {
                _ if self.rng.percent(1) && self.odd > 1 && !delicate => self.expr(Ty::Any, 1),
                word if keys.contains(&at) => self.key(word.clone()),
                word if delicate => self.digits(word),
                word => self.word(word, depth),
            });
        }
        Expr::Op(Op::Command(name_of(&command)), operands)
    }

    fn word(&mut self, word: &[u8], depth: usize) -> Expr {
        let is_option = word.len() > 1 && word.iter().all(u8::is_ascii_uppercase);
        let number = std::str::from_utf8(word).ok().and_then(|text| text.parse::<f64>().ok());
        match self.rng.below(100) {
            _ if is_option => Expr::text(word),
            0..18 if number.is_some() => self.expr(Ty::Num, depth),
            18..65 if number.is_some_and(f64::is_finite) => {
                let number = number.unwrap_or_default();
                let whole = number.trunc() == number && number.abs() < 1e15;
                Expr::Value(if whole { Value::Int(number as i64) } else { Value::Double(number) })
            }
            0..25 if number.is_none() => self.expr(Ty::Str, depth),
            _ => Expr::text(word),
        }
    }
}
