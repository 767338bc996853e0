//! `diffkit.Generator`: a source of random numbers with a state of its own.

use crate::error::{Result, wrong_type};
use crate::functions::shape::check_device;
use crate::tensor::{Out, PyTensor};
use diffkit_core::array::Array;
use diffkit_core::ops::random::{self, Generator};
use diffkit_core::{DType, Error, Tensor};
use pyo3::prelude::*;

/// A source of random numbers; every function that draws takes one as `generator=`.
///
/// >>> g = diffkit.Generator(0)
/// >>> a = diffkit.rand(3, generator=g)
/// >>> diffkit.equal(a, diffkit.rand(3, generator=g.manual_seed(0)))
/// True
#[pyclass(name = "Generator", module = "diffkit", frozen)]
pub struct PyGenerator(pub Generator);

/// The generator of all calls that name none.
pub fn default() -> PyGenerator {
    PyGenerator(random::default_generator().clone())
}

/// The generator that a call names, if it names one.
pub fn named<'a>(generator: Option<&'a Bound<'_, PyGenerator>>) -> Option<&'a Generator> {
    generator.map(|generator| &generator.get().0)
}

/// Seeds are 64 bits; as in PyTorch, a negative one stands for the number with the same bits.
fn seed_of(op: &'static str, obj: &Bound<'_, PyAny>) -> PyResult<u64> {
    if let Ok(seed) = obj.extract::<u64>() {
        return Ok(seed);
    }
    match obj.extract::<i64>() {
        Ok(seed) => Ok(seed as u64),
        Err(_) if obj.is_instance_of::<pyo3::types::PyInt>() => {
            let why = format!("the seed must be in [-2^63, 2^64), got {obj}");
            Err(crate::error::to_python(&Error::value(op, why)))
        }
        Err(_) => Err(wrong_type(op, "the seed is an integer", obj)),
    }
}

/// A state as bytes, which can be kept in files.
fn to_bytes(state: [u64; 4]) -> Result<Tensor> {
    let bytes: Vec<u8> = state.iter().flat_map(|word| word.to_le_bytes()).collect();
    Ok(Array::from_slice(&[bytes.len()], &bytes)?.into())
}

fn from_bytes(op: &'static str, state: &Bound<'_, PyAny>) -> Result<[u64; 4]> {
    let why = "a state is the uint8 tensor of 32 elements that get_state() gave";
    let tensor = state.cast::<PyTensor>().map_err(|_| wrong_type(op, why, state))?;
    let tensor = &tensor.get().inner;
    if tensor.dtype() != DType::U8 || tensor.shape() != [32] {
        return Err(Error::shape(op, &[tensor.shape()], why).into());
    }
    let bytes = tensor.array().to_vec::<u8>()?;
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
    }
    Ok(words)
}

#[pymethods]
impl PyGenerator {
    /// Without a seed it starts at one that differs from run to run.
    #[new]
    #[pyo3(signature = (seed = None, *, device = None))]
    fn new(seed: Option<&Bound<'_, PyAny>>, device: Option<&Bound<'_, PyAny>>) -> PyResult<PyGenerator> {
        check_device("Generator", device)?;
        let generator = Generator::new(seed.map_or(Ok(0), |seed| seed_of("Generator", seed))?);
        if seed.is_none() {
            generator.seed();
        }
        Ok(PyGenerator(generator))
    }

    /// Starts again at a seed, and returns the generator.
    fn manual_seed<'py>(slf: Bound<'py, Self>, seed: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        slf.get().0.manual_seed(seed_of("manual_seed", seed)?);
        Ok(slf)
    }

    /// Starts at a seed that differs from run to run, and returns the seed.
    fn seed(&self) -> u64 {
        self.0.seed()
    }

    /// The seed it last started from.
    fn initial_seed(&self) -> u64 {
        self.0.initial_seed()
    }

    /// Where it stands, as a uint8 tensor.
    fn get_state(&self) -> Out {
        Ok(to_bytes(self.0.get_state())?.into())
    }

    /// Goes to where `get_state` was taken, and returns the generator.
    fn set_state<'py>(slf: Bound<'py, Self>, new_state: &Bound<'py, PyAny>) -> Result<Bound<'py, Self>> {
        slf.get().0.set_state(from_bytes("set_state", new_state)?)?;
        Ok(slf)
    }

    /// Where the numbers are made: always the CPU.
    #[getter]
    fn device(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(py.import("diffkit._tensor")?.getattr("CPU")?.unbind())
    }

    fn __repr__(&self) -> String {
        format!("diffkit.Generator(seed={})", self.0.initial_seed())
    }

    /// Copies and pickles stand where the original stands.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (u64,), [u64; 4])> {
        let generator = &slf.get().0;
        Ok((slf.get_type().into_any(), (generator.initial_seed(),), generator.get_state()))
    }
    fn __setstate__(&self, state: [u64; 4]) -> Result<()> {
        Ok(self.0.set_state(state)?)
    }
}

/// Starts the default generator at a seed, so that what is drawn next is the same in every run, and returns it.
///
/// >>> a = diffkit.manual_seed(7) and diffkit.rand(2)
/// >>> b = diffkit.manual_seed(7) and diffkit.rand(2)
/// >>> diffkit.equal(a, b)
/// True
#[pyfunction]
pub fn manual_seed(seed: &Bound<'_, PyAny>) -> PyResult<PyGenerator> {
    let seed = seed_of("manual_seed", seed)?;
    random::manual_seed(seed);
    Ok(default())
}

/// Starts the default generator at a seed that differs from run to run, and returns the seed.
///
/// >>> diffkit.seed() == diffkit.initial_seed()
/// True
#[pyfunction]
pub fn seed() -> u64 {
    random::default_generator().seed()
}

/// The seed that the default generator last started from.
///
/// >>> diffkit.manual_seed(7).initial_seed(), diffkit.initial_seed()
/// (7, 7)
#[pyfunction]
pub fn initial_seed() -> u64 {
    random::default_generator().initial_seed()
}

/// Where the default generator stands, as a uint8 tensor for `set_rng_state`.
///
/// >>> state = diffkit.get_rng_state()
/// >>> a = diffkit.rand(2)
/// >>> diffkit.set_rng_state(state)
/// >>> diffkit.equal(a, diffkit.rand(2))
/// True
#[pyfunction]
pub fn get_rng_state() -> Out {
    Ok(to_bytes(random::default_generator().get_state())?.into())
}

/// Moves the default generator to where `get_rng_state` was taken.
///
/// >>> diffkit.set_rng_state(diffkit.get_rng_state())
#[pyfunction]
pub fn set_rng_state(new_state: &Bound<'_, PyAny>) -> Result<()> {
    Ok(random::default_generator().set_state(from_bytes("set_rng_state", new_state)?)?)
}
