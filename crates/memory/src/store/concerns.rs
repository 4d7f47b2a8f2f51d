//! Whom changes in a database concern, so that a change asks one word whether anybody listens.

/// A set of kinds of listeners.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Concerns(u8);

impl Concerns {
    /// Sessions watch keys.
    pub(crate) const WATCHED: Self = Self(1);
    /// Keys have deadlines.
    pub(crate) const EXPIRING: Self = Self(1 << 1);
    /// Keyspace notifications are published.
    pub(crate) const NOTIFIED: Self = Self(1 << 2);

    /// Whether a change concerns nobody but the key.
    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this kind is one of them.
    #[inline]
    pub(crate) fn has(self, kind: Self) -> bool {
        self.0 & kind.0 != 0
    }

    /// Adds or removes a kind.
    #[inline]
    pub(crate) fn set(&mut self, kind: Self, is_there: bool) {
        self.0 = if is_there { self.0 | kind.0 } else { self.0 & !kind.0 };
    }
}
