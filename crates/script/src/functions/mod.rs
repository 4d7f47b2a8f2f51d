//! The function table: one row for each function, with its native code and its Lua text. The native code of the
//! standard functions is in `natives.rs`, of text and of lists in `texts.rs` and `lists.rs`, of Lua's own in `lua.rs`.
//!
//! Users add rows of their own, which work on both targets:
//!
//! ```
//! # mod redipy { pub use redipy_command::*; pub use redipy_script as script; }
//! use redipy::script::functions::Function;
//! use redipy::script::value::Val;
//! use redipy::script::{Type, script};
//!
//! static HALF: Function = Function::new("half", &[Type::NUM], Type::NUM, "function(x) return x / 2 end", |args| {
//!     Ok(Val::Num(args[0].as_num().unwrap_or_default() / 2.0))
//! });
//!
//! let halved = script(|f| f.returns(HALF.call([f.arg("x")]))).compile()?;
//! assert!(halved.lua().contains("function(x) return x / 2 end"));
//! # Ok::<(), redipy::Error>(())
//! ```

mod args;
mod lists;
mod lua;
mod natives;
mod sides;
mod texts;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use redipy_command::Result;

use crate::host::Host;
use crate::texts::fail;
use crate::types::Type;
use crate::value::Val;

/// A row of the function table: a function that both targets know.
///
/// The arguments are checked against the row before the function is called, and the result after it, on both targets
/// with the same error; so its code can rely on them. Where native code panics, the script ends with an error that has the
/// panic's text.
///
/// # The Lua text
/// It is an expression, as a rule `function(a, b) … end`. It runs inside the script on the server and sees the values
/// of the script like this: None is `nil`, a number, string or boolean is itself; a list is a table with its items at 1,
/// 2, 3… and its length at 0; a dict is a table without a 0; None inside a list or dict is `cjson.null`.
/// `fail("text")` ends the script with an error, as [`texts::fail`](crate::texts::fail) does in native code.
#[derive(Clone)]
pub struct Function {
    name: Cow<'static, str>,
    takes: Cow<'static, [Type]>,
    min: usize,
    max: usize,
    gives: Type,
    lua: Lua,
    native: Native,
}

/// The source of a function's Lua text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Lua {
    /// Among the helpers, under this name.
    Helper(&'static str),
    /// The text itself.
    Text(Cow<'static, str>),
}

#[derive(Clone)]
enum Native {
    Plain(fn(&[&Val]) -> Result<Val>),
    Shared(Arc<Closure>),
    /// A closure that gets the host too; see `sides.rs`.
    Hosted(Arc<HostedClosure>),
    /// None: only a server has the function.
    Absent,
}

type Closure = dyn Fn(&[&Val]) -> Result<Val> + Send + Sync;
type HostedClosure = dyn Fn(&[&Val], &mut dyn Host) -> Result<Val> + Send + Sync;

impl Function {
    /// A row: the name by which scripts call it, what its arguments can be, what it gives, its Lua text and its native
    /// code.
    pub const fn new(
        name: &'static str,
        takes: &'static [Type],
        gives: Type,
        lua: &'static str,
        native: fn(&[&Val]) -> Result<Val>,
    ) -> Self {
        let count = takes.len();
        let (takes, lua) = (Cow::Borrowed(takes), Lua::Text(Cow::Borrowed(lua)));
        Self { name: Cow::Borrowed(name), takes, min: count, max: count, gives, lua, native: Native::Plain(native) }
    }

    /// A row that is made while the program runs, for bindings and for closures.
    pub fn of(
        name: impl Into<String>,
        takes: impl Into<Vec<Type>>,
        gives: Type,
        lua: impl Into<String>,
        native: impl Fn(&[&Val]) -> Result<Val> + Send + Sync + 'static,
    ) -> Self {
        let takes = takes.into();
        let count = takes.len();
        Self {
            name: Cow::Owned(name.into()),
            takes: Cow::Owned(takes),
            min: count,
            max: count,
            gives,
            lua: Lua::Text(Cow::Owned(lua.into())),
            native: Native::Shared(Arc::new(native)),
        }
    }

    /// Makes the last `count` arguments optional: the function does not get those that a call omits.
    #[must_use]
    pub const fn optional(mut self, count: usize) -> Self {
        self.min = self.max.saturating_sub(count);
        self
    }

    /// Allows the last argument any number of times, also none.
    #[must_use]
    pub const fn variadic(mut self) -> Self {
        self.min = self.min.saturating_sub(1);
        self.max = MANY;
        self
    }

    /// The name by which scripts call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of the reply.
    pub fn gives(&self) -> Type {
        self.gives
    }

    /// The types of the argument at this position.
    pub fn takes(&self, at: usize) -> Type {
        self.takes.get(at).or(self.takes.last()).copied().unwrap_or(Type::ANY)
    }

    /// Returns whether it can be called with this many arguments.
    pub fn accepts(&self, count: usize) -> bool {
        (self.min..=self.max).contains(&count)
    }

    /// The number of arguments, for messages.
    pub(crate) fn arity(&self) -> String {
        match (self.min, self.max) {
            (min, MANY) => format!("{min} or more"),
            (min, max) if min == max => min.to_string(),
            (min, max) => format!("{min} to {max}"),
        }
    }

    pub(crate) fn lua(&self) -> &Lua {
        &self.lua
    }

    /// The Lua text, or the name of the helper that has it.
    pub(crate) fn lua_text(&self) -> &str {
        match &self.lua {
            Lua::Helper(name) => name,
            Lua::Text(text) => text,
        }
    }

    /// The types of its arguments, in order; the last one stands for all further ones.
    pub(crate) fn parameters(&self) -> &[Type] {
        &self.takes
    }

    /// Calls native code that needs no host, after a look at the arguments.
    pub(crate) fn run(&self, args: &[&Val]) -> Result<Val> {
        self.check_args(args)?;
        self.checked(match &self.native {
            Native::Plain(native) if matches!(self.lua, Lua::Helper(_)) => native(args),
            Native::Plain(native) => self.guarded(|| native(args)),
            Native::Shared(native) => self.guarded(|| native(args)),
            Native::Hosted(_) | Native::Absent => Err(self.absent()),
        }?)
    }

    #[inline]
    fn check_args(&self, args: &[&Val]) -> Result<()> {
        let checked = if self.checks_itself() { &[] } else { args };
        for (at, arg) in checked.iter().enumerate() {
            let wanted = self.takes(at);
            if !arg.kind().is(wanted) {
                return Err(fail(format!("{} needs {wanted}, not {}", self.name, arg.kind())));
            }
        }
        Ok(())
    }

    /// Checks the result against the declared type.
    #[inline]
    fn checked(&self, value: Val) -> Result<Val> {
        if matches!(self.lua, Lua::Text(_)) && !value.kind().is(self.gives) {
            return Err(fail(format!("{} gave {}, not {}", self.name, value.kind(), self.gives)));
        }
        Ok(value)
    }
}

/// Rows are equal when their declarations are, whatever their native code is.
impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.takes, self.min, self.max, self.gives, &self.lua)
            == (&other.name, &other.takes, other.min, other.max, other.gives, &other.lua)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?}) -> {}", self.name, self.takes, self.gives)
    }
}

const MANY: usize = usize::MAX;
const TEXT_OR_NUM: Type = Type::STR.or(Type::NUM);
const PLAIN: Type = TEXT_OR_NUM.or(Type::NONE).or(Type::BOOL);
const TEXT_OR_LIST: Type = Type::STR.or(Type::LIST);
const SIZED: Type = TEXT_OR_LIST.or(Type::DICT);
const NUM_OR_NONE: Type = Type::NUM.or(Type::NONE);

/// The name of the helper that has the Lua of a native function.
macro_rules! helper {
    (lua $native:ident) => {
        concat!("lib.", stringify!($native))
    };
    ($module:ident type_str) => {
        "lib.type_str"
    };
    ($module:ident $native:ident) => {
        concat!("f_", stringify!($native))
    };
}

macro_rules! rows {
    ($($name:literal $takes:expr, $min:expr, $max:expr => $gives:expr, $module:ident::$native:ident;)*) => {
        /// All standard functions.
        pub static FUNCTIONS: &[Function] = &[$(Function {
            name: Cow::Borrowed($name),
            takes: Cow::Borrowed(&$takes),
            min: $min,
            max: $max,
            gives: $gives,
            lua: Lua::Helper(helper!($module $native)),
            native: Native::Plain($module::$native),
        }),*];
    };
}

rows! {
    "abs" [Type::NUM], 1, 1 => Type::NUM, natives::abs;
    "contains" [SIZED, Type::ANY], 2, 2 => Type::BOOL, natives::contains;
    "find" [Type::STR, Type::STR, Type::NUM], 2, 3 => NUM_OR_NONE, texts::find;
    "from_json" [Type::STR], 1, 1 => Type::ANY, natives::from_json;
    "int_str" [TEXT_OR_NUM], 1, 1 => Type::NUM, natives::int_str;
    "join" [Type::LIST, Type::STR], 2, 2 => Type::STR, texts::join;
    "keys" [Type::DICT], 1, 1 => Type::LIST, lists::keys;
    "len" [SIZED], 1, 1 => Type::NUM, natives::len;
    "lower" [Type::STR], 1, 1 => Type::STR, texts::lower;
    "math.abs" [TEXT_OR_NUM], 1, 1 => Type::NUM, lua::math_abs;
    "math.ceil" [TEXT_OR_NUM], 1, 1 => Type::NUM, lua::math_ceil;
    "math.floor" [TEXT_OR_NUM], 1, 1 => Type::NUM, lua::math_floor;
    "math.fmod" [TEXT_OR_NUM], 2, 2 => Type::NUM, lua::math_fmod;
    "math.max" [TEXT_OR_NUM], 1, MANY => Type::NUM, lua::math_max;
    "math.min" [TEXT_OR_NUM], 1, MANY => Type::NUM, lua::math_min;
    "math.sqrt" [TEXT_OR_NUM], 1, 1 => Type::NUM, lua::math_sqrt;
    "max" [Type::NUM], 2, 2 => Type::NUM, natives::max;
    "min" [Type::NUM], 2, 2 => Type::NUM, natives::min;
    "num" [Type::ANY], 1, 1 => NUM_OR_NONE, natives::num;
    "range" [Type::NUM], 2, 3 => Type::LIST, lists::range;
    "slice" [TEXT_OR_LIST, NUM_OR_NONE], 2, 3 => TEXT_OR_LIST, lists::slice;
    "split" [Type::STR], 2, 2 => Type::LIST, texts::split;
    "string.byte" [TEXT_OR_NUM], 1, 3 => NUM_OR_NONE, lua::string_byte;
    "string.char" [TEXT_OR_NUM], 0, MANY => Type::STR, lua::string_char;
    "string.len" [TEXT_OR_NUM], 1, 1 => Type::NUM, lua::string_len;
    "string.lower" [TEXT_OR_NUM], 1, 1 => Type::STR, lua::string_lower;
    "string.rep" [TEXT_OR_NUM], 2, 2 => Type::STR, lua::string_rep;
    "string.reverse" [TEXT_OR_NUM], 1, 1 => Type::STR, lua::string_reverse;
    "string.sub" [TEXT_OR_NUM], 2, 3 => Type::STR, lua::string_sub;
    "string.upper" [TEXT_OR_NUM], 1, 1 => Type::STR, lua::string_upper;
    "strs" [TEXT_OR_NUM], 0, MANY => Type::STR, texts::strs;
    "to_json" [Type::ANY], 1, 1 => Type::STR, natives::to_json;
    "to_str" [PLAIN], 1, 1 => Type::STR, natives::to_str;
    "type_str" [Type::ANY], 1, 1 => Type::STR, natives::type_str;
    "upper" [Type::STR], 1, 1 => Type::STR, texts::upper;
    "values" [Type::DICT], 1, 1 => Type::LIST, lists::values;
}

/// The standard function of this name.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.binary_search_by(|row| row.name().cmp(name)).ok().map(|at| &FUNCTIONS[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_row_has_lua() {
        assert!(FUNCTIONS.is_sorted_by_key(|row| row.name()));
        for row in FUNCTIONS {
            assert!(matches!(row.lua, Lua::Helper(name) if crate::lua::has_helper(name)), "{}", row.name);
            assert!(row.min <= row.max && !row.takes.is_empty());
        }
    }

    #[test]
    fn rows_say_how_often_they_take_what() {
        const ROW: Function = Function::new("row", &[Type::NUM, Type::STR], Type::NONE, "", |_| Ok(Val::None));
        assert_eq!((ROW.arity(), ROW.clone().optional(1).arity()), ("2".to_owned(), "1 to 2".to_owned()));
        let many = ROW.clone().variadic();
        assert!(many.accepts(1) && many.accepts(100) && !many.accepts(0));
        assert_eq!((many.arity().as_str(), many.takes(50)), ("1 or more", Type::STR));
    }

    #[test]
    fn what_a_row_gives_is_checked() {
        let liar = Function::of("liar", [Type::ANY], Type::NUM, "function(x) return x end", |args| Ok(args[0].clone()));
        assert!(liar.run(&[&Val::Num(1.0)]).is_ok());
        let error = liar.run(&[&Val::text("a")]).unwrap_err();
        assert_eq!(error.message(), "SCRIPT liar gave str, not number");
    }
}
