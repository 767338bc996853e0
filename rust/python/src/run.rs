//! The gate between Python and long work: lets other Python threads run, hears Ctrl-C, maps errors.

use crate::error::{Raised, Result};
use diffkit_core::{buffer, interrupt};
use pyo3::prelude::*;

/// Elements from which work is worth releasing the interpreter's lock: taking it back can cost a switch interval.
const LONG: usize = 1 << 16;

/// Runs `work` on about `elements` elements.
#[inline]
pub fn run<T: Send>(
    py: Python<'_>,
    elements: usize,
    work: impl FnOnce() -> diffkit_core::Result<T> + Send,
) -> Result<T> {
    let result = if elements < LONG { work() } else { detached(py, work) };
    result.map_err(Raised::from)
}

/// Runs `work` beside other Python threads.
pub fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    buffer::concurrently(|| py.detach(work))
}

fn asks_to_stop() -> bool {
    Python::attach(|py| py.check_signals().is_err())
}

pub fn listen() {
    interrupt::set_check(asks_to_stop);
    // SAFETY: every call comes from Python with the interpreter's lock held, and gives it up only in `detached`,
    // which goes through `concurrently`. Builds without that lock must not make this promise.
    #[cfg(not(Py_GIL_DISABLED))]
    unsafe {
        buffer::exclude_each_other();
    }
}
