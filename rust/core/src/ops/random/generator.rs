//! Generators as shared handles, and the default one.

use crate::error::{Error, Result};
use crate::random::{self, Stream};
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

/// A source of random numbers; clones share one state.
#[derive(Clone, Debug)]
pub struct Generator(Arc<Mutex<random::Generator>>);

impl Generator {
    /// At the start of `seed`.
    pub fn new(seed: u64) -> Generator {
        Generator(Arc::new(Mutex::new(random::Generator::new(seed))))
    }

    fn lock(&self) -> MutexGuard<'_, random::Generator> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Starts again at `seed`.
    pub fn manual_seed(&self, seed: u64) {
        *self.lock() = random::Generator::new(seed);
    }

    /// Starts at a seed that differs from run to run, and returns it.
    pub fn seed(&self) -> u64 {
        let seed = fresh_seed();
        self.manual_seed(seed);
        seed
    }

    pub fn initial_seed(&self) -> u64 {
        self.lock().seed()
    }

    pub fn get_state(&self) -> [u64; 4] {
        self.lock().get_state()
    }

    pub fn set_state(&self, state: [u64; 4]) -> Result<()> {
        self.lock().set_state(state).map_err(|error| Error::value("set_state", error.to_string()))
    }

    /// The next `elements` elements of `words` random words each.
    pub(super) fn reserve(&self, elements: usize, words: u64) -> Stream {
        self.lock().reserve((elements as u64).saturating_mul(words))
    }
}

fn fresh_seed() -> u64 {
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

/// The generator of all calls that name none; its seed differs from run to run until [`manual_seed`] sets it.
pub fn default_generator() -> &'static Generator {
    static DEFAULT: OnceLock<Generator> = OnceLock::new();
    DEFAULT.get_or_init(|| Generator::new(fresh_seed()))
}

/// Starts the default generator at `seed`.
pub fn manual_seed(seed: u64) {
    default_generator().manual_seed(seed);
}

pub(super) fn stream(generator: Option<&Generator>, elements: usize, words: u64) -> Stream {
    generator.unwrap_or_else(|| default_generator()).reserve(elements, words)
}
