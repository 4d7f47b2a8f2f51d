//! Forks: the child has all memory of the parent, but of the threads only the one that forked. What another thread holds
//! at that moment would be held for ever in the child, so a fork waits until nobody holds data of this process.
//!
//! Handlers of signals are called meanwhile. Once one of them raises, as Ctrl-C does, the fork waits only until every script
//! has come to a place where it can stand still: what it holds is lost to the child, which is told so. A fork cannot be called
//! off from here, so what was raised is raised in the parent when it is over.
//!
//! Calls that keep the interpreter need nothing: who forks has it. Those that give it up take their turn here.

use std::cell::{Cell, RefCell};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use redipy::memory::{background, forked};

/// How long a fork waits before the interpreter may look for signals.
const SLICE: Duration = Duration::from_millis(50);

/// Who is inside, and who wants to fork.
struct Gate {
    /// How many calls hold data, or wait for it.
    inside: usize,
    /// How many of them want to fork.
    forking: usize,
    /// How many of them are scripts that stand still, since somebody insists on a fork.
    still: usize,
    /// How many insist on a fork.
    insisting: usize,
    /// How many want to fork, inside or not: while somebody does, nobody enters.
    closed: usize,
}

impl Gate {
    const EMPTY: Self = Gate { inside: 0, forking: 0, still: 0, insisting: 0, closed: 0 };
}

static GATE: Mutex<Gate> = Mutex::new(Gate::EMPTY);
static CHANGED: Condvar = Condvar::new();

thread_local! {
    /// Whether this thread is in a call that holds data, or waits for it: a plug-in's function is, and a handler of a signal
    /// that came meanwhile.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
    /// The gate, which the thread that forks keeps meanwhile.
    static FORKING: RefCell<Option<MutexGuard<'static, Gate>>> = const { RefCell::new(None) };
    /// What a handler of a signal raised while this thread waited to fork.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

impl Gate {
    /// Whether a fork has to wait for others than its own thread.
    fn keeps_waiting(&self, is_inside: bool) -> bool {
        let others = if is_inside { self.forking } else { 0 };
        let still = if self.insisting > 0 { self.still } else { 0 };
        self.inside > others + still
    }
}

fn gate() -> MutexGuard<'static, Gate> {
    GATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The gate, when it is open.
fn open_gate() -> MutexGuard<'static, Gate> {
    CHANGED.wait_while(gate(), |gate| gate.closed > 0).unwrap_or_else(PoisonError::into_inner)
}

/// A call that holds data.
struct Inside;

impl Inside {
    fn enter() -> Self {
        open_gate().inside += 1;
        IS_INSIDE.set(true);
        Inside
    }

    /// None if the gate stays closed for a while.
    fn enter_soon() -> Option<Self> {
        let waited = CHANGED.wait_timeout_while(gate(), SLICE, |gate| gate.closed > 0);
        let mut gate = waited.unwrap_or_else(PoisonError::into_inner).0;
        (gate.closed == 0).then(|| {
            gate.inside += 1;
            IS_INSIDE.set(true);
            Inside
        })
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        IS_INSIDE.set(false);
        let mut gate = gate();
        gate.inside -= 1;
        if gate.closed > 0 {
            CHANGED.notify_all();
        }
    }
}

/// Does what holds data and does not have the interpreter; no fork happens meanwhile.
#[inline]
pub fn apart<T>(work: impl FnOnce() -> T) -> T {
    let _inside = (!IS_INSIDE.get()).then(Inside::enter);
    work()
}

/// The same for a thread that has the interpreter, which is given up meanwhile.
///
/// # Errors
/// What a signal raises while a fork has to be waited for.
#[inline]
pub fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    let mut work = Some(work);
    loop {
        let done = py.detach(|| {
            let _inside = if IS_INSIDE.get() { None } else { Some(Inside::enter_soon()?) };
            work.take().map(|work| work())
        });
        if let Some(done) = done {
            return Ok(done);
        }
        py.check_signals()?;
    }
}

/// Lets a fork happen, if one waits: for a thread that is inside and holds nothing, since it waits for data. Whoever has the
/// data may be the one that forks.
pub fn step_aside() {
    if !IS_INSIDE.get() {
        return;
    }
    let mut gate = gate();
    if gate.closed > 0 {
        gate.inside -= 1;
        CHANGED.notify_all();
        drop(gate);
        open_gate().inside += 1;
    }
}

/// Lets a fork happen on which somebody insists: for a thread that is inside and holds data, at a place where nothing of it
/// is half done.
pub fn stand_still() {
    if !IS_INSIDE.get() {
        return;
    }
    let mut gate = gate();
    if gate.insisting > 0 {
        gate.still += 1;
        CHANGED.notify_all();
        gate = CHANGED.wait_while(gate, |gate| gate.insisting > 0).unwrap_or_else(PoisonError::into_inner);
        gate.still -= 1;
    }
}

/// Waits until nobody else holds data, or until those who do stand still, if a handler of a signal raises something. A
/// plug-in's function may fork: its own thread holds data, and goes on in the child. Only where several such functions fork at
/// once, none waits for the others, which hold their data until then.
#[pyfunction]
fn before_fork(py: Python<'_>) {
    let is_inside = IS_INSIDE.get();
    // Those who hold data may need the interpreter before they are done; so may who keeps the gate.
    py.detach(|| {
        let mut gate = gate();
        gate.closed += 1;
        gate.forking += usize::from(is_inside);
        CHANGED.notify_all();
    });
    while !py.detach(|| may_fork(is_inside)) {
        if let Err(raised) = py.check_signals()
            && RAISED.replace(Some(raised)).is_none()
        {
            py.detach(|| gate().insisting += 1);
        }
    }
}

/// Waits for a while until a fork may happen, and keeps the gate then.
fn may_fork(is_inside: bool) -> bool {
    let waited = CHANGED.wait_timeout_while(gate(), SLICE, |gate| gate.keeps_waiting(is_inside));
    let gate = waited.unwrap_or_else(PoisonError::into_inner).0;
    if gate.keeps_waiting(is_inside) {
        return false;
    }
    // The thread that removes what expires holds data now and then, and would not be in the child.
    background::pause();
    FORKING.set(Some(gate));
    true
}

#[pyfunction]
fn after_fork(py: Python<'_>) -> PyResult<()> {
    let raised = RAISED.take();
    if let Some(mut gate) = FORKING.take() {
        background::resume();
        gate.closed -= 1;
        gate.forking -= usize::from(IS_INSIDE.get());
        gate.insisting -= usize::from(raised.is_some());
        CHANGED.notify_all();
    }
    raised.map_or(Ok(()), |raised| raise_soon(py, raised))
}

/// Raises this in the thread that has forked when it is back from that. Whatever else is to be done after a fork may be code in
/// Python, which had better not be interrupted: the thread that raises it gets the interpreter when that has been done.
fn raise_soon(py: Python<'_>, raised: PyErr) -> PyResult<()> {
    let forked: u64 = py.import("threading")?.call_method0("get_ident")?.extract()?;
    let raise = move |py: Python<'_>| {
        let raised = raised.into_value(py);
        py.import("redipy._raised")?.call_method1("raise_in", (forked, raised)).map(drop)
    };
    let in_thread = move || {
        Python::try_attach(|py| {
            if let Err(error) = raise(py) {
                error.write_unraisable(py, None);
            }
        });
    };
    std::thread::Builder::new().name("redipy-raise".to_owned()).spawn(in_thread)?;
    Ok(())
}

#[pyfunction]
fn after_fork_in_child() {
    // The signal was sent to the parent.
    drop(RAISED.take());
    if let Some(mut gate) = FORKING.take() {
        forked::lose();
        background::resume();
        // There is no other thread, whatever was counted.
        *gate = Gate { inside: usize::from(IS_INSIDE.get()), ..Gate::EMPTY };
    }
}

/// Has Python call these around every fork, where there are forks.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let os = module.py().import("os")?;
    if !os.hasattr("register_at_fork")? {
        return Ok(());
    }
    let hooks = PyDict::new(module.py());
    hooks.set_item("before", pyo3::wrap_pyfunction!(before_fork, module)?)?;
    hooks.set_item("after_in_parent", pyo3::wrap_pyfunction!(after_fork, module)?)?;
    hooks.set_item("after_in_child", pyo3::wrap_pyfunction!(after_fork_in_child, module)?)?;
    os.call_method("register_at_fork", (), Some(&hooks)).map(drop)
}
