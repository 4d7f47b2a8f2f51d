//! The stores that are compared. Each is used as its authors recommend.

pub mod bare;
#[cfg(feature = "kevy")]
pub mod kevy;
#[cfg(not(feature = "kevy"))]
#[path = "peers/kevy_absent.rs"]
pub mod kevy;
pub mod redipy;
pub mod servers;

pub use bare::BareMap;
pub use kevy::Kevy;

/// The name of the bare map in the tables.
pub const BARE: &str = "bare map";
/// The name of kevy in the tables.
pub const KEVY: &str = "kevy-embedded";

/// What all stores in this process can: strings.
pub trait Strings: Sync {
    /// Copies the value out, and tells whether there was one.
    fn read(&self, key: &[u8]) -> bool;
    /// Copies the value in.
    fn write(&self, key: &[u8], value: &[u8]);
}
