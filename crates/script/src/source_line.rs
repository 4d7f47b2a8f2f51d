//! Lines of the user's source. The reporting of problems is in [`check`](crate::check).

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::panic::Location;

/// A line of the source that built a script.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceLine {
    /// The file, as the compiler or the binding names it.
    pub file: Cow<'static, str>,
    /// The line, from 1.
    pub line: u32,
}

thread_local! {
    static OVERRIDE: RefCell<Option<SourceLine>> = const { RefCell::new(None) };
}

impl SourceLine {
    /// The line of the caller, unless [`SourceLine::during`] says otherwise.
    #[track_caller]
    pub fn caller() -> Self {
        let location = Location::caller();
        OVERRIDE.with_borrow(|place| {
            place.clone().unwrap_or(SourceLine { file: Cow::Borrowed(location.file()), line: location.line() })
        })
    }

    /// Gives everything that `build` builds this line: for bindings, whose users write another language.
    pub fn during<T>(self, build: impl FnOnce() -> T) -> T {
        let before = OVERRIDE.replace(Some(self));
        let built = build();
        OVERRIDE.set(before);
        built
    }
}

impl fmt::Display for SourceLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
