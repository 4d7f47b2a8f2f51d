//! What scripts write to the log: given to whoever asked for it.

use std::sync::OnceLock;

static HANDLER: OnceLock<fn(&str, &str)> = OnceLock::new();

/// Gives the messages that scripts log in engines of this process to a function: the level, such as `"notice"`, and the
/// text. Without one they are dropped. Only the first function that is given counts.
///
/// It is called while the script holds its data, so it must use no engine and should only put the message aside.
pub fn on_log(handler: fn(level: &str, message: &str)) {
    // The first one stays.
    let _ = HANDLER.set(handler);
}

/// Gives a message to the function.
pub(crate) fn log(level: &str, message: &str) {
    if let Some(handler) = HANDLER.get() {
        handler(level, message);
    }
}
