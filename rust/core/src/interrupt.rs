//! A question that long work asks now and then: has the user asked to stop?

use crate::error::{Error, Result};
use std::sync::OnceLock;

static ASK: OnceLock<fn() -> bool> = OnceLock::new();

/// `ask` answers true once the user wants to stop (in Python: after Ctrl-C).
pub fn set_check(ask: fn() -> bool) {
    let _ = ASK.set(ask);
}

pub fn check() -> Result<()> {
    match ASK.get() {
        Some(ask) if ask() => Err(Error::Interrupted),
        _ => Ok(()),
    }
}
