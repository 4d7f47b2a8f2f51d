//! The function table: one row for each standard function, with its native code and the name of its Lua helper.

mod natives;

use redipy_command::Result;

use crate::types::Type;
use crate::value::Val;

/// A standard function.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// The name by which scripts call it.
    pub name: &'static str,
    /// What its arguments can be, in order; the last one stands for all further ones.
    pub takes: &'static [Type],
    /// The fewest arguments.
    pub min: usize,
    /// The most arguments.
    pub max: usize,
    /// What it gives.
    pub gives: Type,
    /// The name of the Lua function that does the same.
    pub lua: &'static str,
    /// What it does. The arguments are what `takes` allows, and as many as allowed.
    pub native: fn(&[&Val]) -> Result<Val>,
}

impl Function {
    /// What the argument at this position can be.
    pub fn takes(&self, at: usize) -> Type {
        self.takes.get(at).or(self.takes.last()).copied().unwrap_or(Type::ANY)
    }

    /// Calls it after a look at the arguments.
    pub(crate) fn call(&self, args: &[&Val]) -> Result<Val> {
        // Those that take any number check one after the other, as they use them.
        let checked = if self.max == MANY { &[] } else { args };
        for (at, arg) in checked.iter().enumerate() {
            let wanted = self.takes(at);
            if !arg.kind().is(wanted) {
                return Err(crate::texts::fail(format!("{} needs {wanted}, not {}", self.name, arg.kind())));
            }
        }
        (self.native)(args)
    }
}

const MANY: usize = usize::MAX;
const TEXT_OR_NUM: Type = Type::STR.or(Type::NUM);
const PLAIN: Type = TEXT_OR_NUM.or(Type::NONE).or(Type::BOOL);
const SIZED: Type = Type::STR.or(Type::LIST).or(Type::DICT);
const NUM_OR_NONE: Type = Type::NUM.or(Type::NONE);

macro_rules! rows {
    ($($name:literal $takes:expr, $min:expr, $max:expr => $gives:expr, $native:ident;)*) => {
        /// All standard functions.
        pub static FUNCTIONS: &[Function] = &[$(Function {
            name: $name,
            takes: &$takes,
            min: $min,
            max: $max,
            gives: $gives,
            lua: concat!("f_", stringify!($native)),
            native: natives::$native,
        }),*];
    };
}

rows! {
    "abs" [Type::NUM], 1, 1 => Type::NUM, abs;
    "contains" [SIZED, Type::ANY], 2, 2 => Type::BOOL, contains;
    "find" [Type::STR, Type::STR, Type::NUM], 2, 3 => NUM_OR_NONE, find;
    "from_json" [Type::STR], 1, 1 => Type::ANY, from_json;
    "int_str" [TEXT_OR_NUM], 1, 1 => Type::NUM, int_str;
    "join" [Type::LIST, Type::STR], 2, 2 => Type::STR, join;
    "len" [SIZED], 1, 1 => Type::NUM, len;
    "lower" [Type::STR], 1, 1 => Type::STR, lower;
    "max" [Type::NUM], 2, 2 => Type::NUM, max;
    "min" [Type::NUM], 2, 2 => Type::NUM, min;
    "num" [Type::ANY], 1, 1 => NUM_OR_NONE, num;
    "split" [Type::STR], 2, 2 => Type::LIST, split;
    "strs" [TEXT_OR_NUM], 0, MANY => Type::STR, strs;
    "to_json" [Type::ANY], 1, 1 => Type::STR, to_json;
    "to_str" [PLAIN], 1, 1 => Type::STR, to_str;
    "type_str" [Type::ANY], 1, 1 => Type::STR, type_str;
    "upper" [Type::STR], 1, 1 => Type::STR, upper;
}

/// The function of this name.
pub fn find(name: &str) -> Option<(usize, &'static Function)> {
    FUNCTIONS.iter().enumerate().find(|(_, row)| row.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_row_has_lua() {
        assert!(FUNCTIONS.is_sorted_by_key(|row| row.name));
        for row in FUNCTIONS {
            assert!(crate::lua::has_helper(row.lua), "{}", row.name);
            assert!(row.min <= row.max && !row.takes.is_empty());
        }
    }
}
