//! How a future in Rust continues a task of asyncio.
//!
//! A future is woken by whoever completes it, maybe while they hold data of an engine: they must not wait for the
//! interpreter. So they only leave a note, and a thread of ours tells the event loop.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Wake;
use std::thread::JoinHandle;
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyList;
use redipy::memory::threads;

/// What wakes a call that waits: the future of asyncio that its task waits for.
pub struct Waker {
    state: Mutex<State>,
    notes: Sender<Note>,
}

/// What the thread is told.
enum Note {
    Woken(Waiting),
    /// That the interpreter ends.
    End,
}

/// A task that waits: its event loop, and the future that it was given.
struct Waiting {
    event_loop: Py<PyAny>,
    future: Py<PyAny>,
}

enum State {
    Idle,
    /// It was woken before the task waited.
    Woken,
    Waiting(Waiting),
}

impl Waker {
    pub fn new() -> PyResult<Arc<Self>> {
        Ok(Arc::new(Waker { state: Mutex::new(State::Idle), notes: messenger()? }))
    }

    fn swap(&self, state: State) -> State {
        std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), state)
    }

    /// What the task is given to wait for; None if there is something for it already.
    ///
    /// # Errors
    /// `RuntimeError` if no event loop of asyncio runs.
    pub fn wait<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let event_loop = py.import("asyncio.events")?.call_method0("get_running_loop")?;
        let future = event_loop.call_method0("create_future")?;
        // Its iterator marks it as waited for, as `await` would.
        let given = future.call_method0("__await__")?.call_method0("__next__")?;
        let waiting = Waiting { event_loop: event_loop.unbind(), future: future.unbind() };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Woken = *state {
            *state = State::Idle;
            return Ok(py.None().into_bound(py));
        }
        *state = State::Waiting(waiting);
        Ok(given)
    }
}

impl Wake for Waker {
    fn wake(self: Arc<Self>) {
        if let State::Waiting(waiting) = self.swap(State::Woken) {
            self.swap(State::Idle);
            // Where there is no thread any more the interpreter ends, and with it all that wait.
            let _ = self.notes.send(Note::Woken(waiting));
        }
    }
}

/// The thread that tells event loops.
struct Messenger {
    /// Whose it is: a process that was forked needs another.
    process: u32,
    notes: Sender<Note>,
    thread: JoinHandle<()>,
}

/// The lock is taken by those only who hold the interpreter.
static MESSENGER: Mutex<Option<Messenger>> = Mutex::new(None);

/// Where to leave notes for the thread of this process.
fn messenger() -> PyResult<Sender<Note>> {
    let mut messenger = MESSENGER.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some(own) = messenger.as_ref().filter(|messenger| messenger.process == process) {
        return Ok(own.notes.clone());
    }
    let (notes, received) = channel();
    let thread = std::thread::Builder::new().name("redipy-asyncio".to_owned()).spawn(move || tell(&received))?;
    *messenger = Some(Messenger { process, notes: notes.clone(), thread });
    Ok(notes)
}

/// Ends the thread, and those that make calls. An interpreter that ends while a thread of others is about to use it aborts
/// the process.
#[pyfunction]
fn end(py: Python<'_>) -> PyResult<()> {
    while !threads::end() {
        py.check_signals()?;
        py.detach(|| std::thread::sleep(Duration::from_millis(1)));
    }
    let messenger = MESSENGER.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(own) = messenger.filter(|messenger| messenger.process == std::process::id()) {
        let _ = own.notes.send(Note::End);
        // If it has panicked, that was reported.
        let _ = py.detach(|| own.thread.join());
    }
    Ok(())
}

/// Has Python end the thread before it ends itself.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let end = pyo3::wrap_pyfunction!(end, module)?;
    module.py().import("atexit")?.call_method1("register", (end,)).map(drop)
}

/// Tells event loops of all notes, several at once if there are.
fn tell(notes: &Receiver<Note>) {
    while let Ok(Note::Woken(first)) = notes.recv() {
        let mut woken: Vec<Waiting> = vec![first];
        let mut is_end = false;
        woken.extend(notes.try_iter().map_while(|note| match note {
            Note::Woken(waiting) => Some(waiting),
            Note::End => {
                is_end = true;
                None
            }
        }));
        let told = Python::try_attach(|py| tell_loops(py, woken));
        if is_end || told.is_none() {
            return;
        }
    }
}

/// Tells each event loop of those that wait in it.
fn tell_loops(py: Python<'_>, mut woken: Vec<Waiting>) {
    while let Some(event_loop) = woken.last().map(|waiting| waiting.event_loop.clone_ref(py)) {
        let (same, others) = woken.drain(..).partition(|waiting| waiting.event_loop.is(&event_loop));
        woken = others;
        if let Err(error) = tell_loop(py, &event_loop, same) {
            error.write_unraisable(py, Some(event_loop.bind(py)));
        }
    }
}

fn tell_loop(py: Python<'_>, event_loop: &Py<PyAny>, woken: Vec<Waiting>) -> PyResult<()> {
    let futures = PyList::new(py, woken.into_iter().map(|waiting| waiting.future))?;
    let told = event_loop.call_method1(py, "call_soon_threadsafe", (pyo3::wrap_pyfunction!(resume, py)?, futures));
    match told {
        // The loop was closed, and nobody waits any more.
        Err(error) if error.is_instance_of::<PyRuntimeError>(py) => Ok(()),
        told => told.map(drop),
    }
}

/// Lets the tasks go on that wait for these; called in the event loop.
#[pyfunction]
fn resume(futures: &Bound<'_, PyList>) -> PyResult<()> {
    for future in futures {
        if !future.call_method0("done")?.is_truthy()? {
            future.call_method1("set_result", (future.py().None(),))?;
        }
    }
    Ok(())
}
