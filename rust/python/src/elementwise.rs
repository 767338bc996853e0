//! Every row of the core's elementwise tables as Python functions, made in one loop over the registry.

use crate::convert::{Operand, index_of};
use crate::error::{Result, to_python, wrong_type};
use crate::operators::binary;
use crate::run::run;
use crate::tensor::PyTensor;
use diffkit_core::ops::table::Class;
use diffkit_core::ops::{self, Arg, ElementOp, element_ops};
use diffkit_core::{Error, Scalar, Tensor};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use std::ffi::{CString, c_int, c_void};

/// Names under which callers may give the inputs.
const FIRST: [&str; 3] = ["input", "self", "x"];
const SECOND: [&str; 4] = ["other", "exponent", "y", "x2"];

/// The arguments of a call, in order, whether given by position or by name.
struct Call<'py> {
    inputs: [Option<Bound<'py, PyAny>>; 2],
    alpha: Option<Bound<'py, PyAny>>,
    rounding: Option<Bound<'py, PyAny>>,
    decimals: Option<Bound<'py, PyAny>>,
}

impl<'py> Call<'py> {
    fn parse(op: &'static ElementOp, args: &[Bound<'py, PyAny>], names: &[Bound<'py, PyAny>]) -> Result<Call<'py>> {
        let positional = args.len() - names.len();
        let mut call = Call { inputs: [None, None], alpha: None, rounding: None, decimals: None };
        if positional > op.arity {
            return Err(Error::dtype(op.name, &[], format!("takes {} argument(s), got {positional}", op.arity)).into());
        }
        for (i, arg) in args[..positional].iter().enumerate() {
            call.inputs[i] = Some(arg.clone());
        }
        for (name, value) in names.iter().zip(&args[positional..]) {
            let name = name.cast::<PyString>().map_err(PyErr::from)?.to_string();
            match name.as_str() {
                n if FIRST.contains(&n) && call.inputs[0].is_none() => call.inputs[0] = Some(value.clone()),
                n if op.arity == 2 && SECOND.contains(&n) && call.inputs[1].is_none() => {
                    call.inputs[1] = Some(value.clone());
                }
                "alpha" if matches!(op.name, "add" | "sub") => call.alpha = Some(value.clone()),
                "rounding_mode" if op.name == "div" => call.rounding = Some(value.clone()),
                "decimals" if op.name == "round" => call.decimals = Some(value.clone()),
                "out" if value.is_none() => {}
                _ => return Err(Error::dtype(op.name, &[], format!("has no argument {name:?}")).into()),
            }
        }
        Ok(call)
    }

    fn input(&self, op: &'static ElementOp, i: usize) -> Result<Operand<'py>> {
        let Some(obj) = &self.inputs[i] else {
            let why = format!("takes {} argument(s); number {} is missing", op.arity, i + 1);
            return Err(Error::dtype(op.name, &[], why).into());
        };
        Operand::try_from(obj)?.ok_or_else(|| {
            wrong_type(op.name, "takes Tensors and numbers (make a Tensor with diffkit.tensor)", obj).into()
        })
    }

    /// How a quotient is rounded, if at all.
    fn rounding(&self) -> Result<Option<String>> {
        let mode = self.rounding.as_ref().filter(|mode| !mode.is_none());
        mode.map(|mode| mode.extract().map_err(|_| wrong_type("div", "rounding_mode is None or a string", mode).into()))
            .transpose()
    }

    /// The second input, scaled by `alpha` where given.
    fn second(&self, py: Python<'py>, op: &'static ElementOp) -> Result<Operand<'py>> {
        let second = self.input(op, 1)?;
        let Some(alpha) = &self.alpha else { return Ok(second) };
        let alpha = Operand::try_from(alpha)?.ok_or_else(|| wrong_type(op.name, "alpha is a number", alpha))?;
        // The product of two integers is a number as weak as they are.
        if let (Arg::Scalar(Scalar::Int(a)), Arg::Scalar(Scalar::Int(b))) = (second.arg(), alpha.arg())
            && let Some(product) = a.checked_mul(b)
        {
            return Ok(Operand::Scalar(Scalar::Int(product)));
        }
        Ok(Operand::Owned(binary(py, &ops::binary::mul::OP, Arg::Tensor(&second.tensor()?), alpha.arg(), false)?))
    }
}

fn unary(py: Python<'_>, op: &'static ElementOp, input: &Operand<'_>) -> Result<Tensor> {
    match input.arg() {
        Arg::Tensor(x) => run(py, x.numel(), || ops::unary(op, x)),
        Arg::Scalar(_) => Ok(ops::unary(op, &input.tensor()?)?),
    }
}

/// A call with one or two positional tensors, which is nearly every call; `None` for any other.
#[inline]
fn apply_plain(
    py: Python<'_>,
    op: &'static ElementOp,
    first: Borrowed<'_, '_, PyAny>,
    second: Option<Borrowed<'_, '_, PyAny>>,
) -> Result<Option<Tensor>> {
    let Ok(x) = first.cast::<PyTensor>() else { return Ok(None) };
    let x = &x.get().inner;
    match second {
        None if op.arity == 1 => run(py, x.numel(), || ops::unary(op, x)).map(Some),
        Some(second) if op.arity == 2 => {
            if let Ok(y) = second.cast::<PyTensor>() {
                return binary(py, op, Arg::Tensor(x), Arg::Tensor(&y.get().inner), false).map(Some);
            }
            let operand = Operand::try_from(&second)?;
            operand.map(|y| binary(py, op, Arg::Tensor(x), y.arg(), false)).transpose()
        }
        _ => Ok(None),
    }
}

fn apply(py: Python<'_>, op: &'static ElementOp, call: &Call<'_>) -> Result<Tensor> {
    let first = call.input(op, 0)?;
    if let Some(decimals) = &call.decimals {
        return rounded(py, op, &first, index_of(op.name, decimals)?);
    }
    if op.arity == 1 {
        return unary(py, op, &first);
    }
    let second = call.second(py, op)?;
    if matches!((first.arg(), second.arg()), (Arg::Scalar(_), Arg::Scalar(_))) {
        return Err(Error::value(op.name, "needs at least one Tensor").into());
    }
    let (x, y) = (first.arg(), second.arg());
    match call.rounding()?.as_deref() {
        None => binary(py, op, x, y, false),
        Some("floor") => binary(py, &ops::binary::floor_divide::OP, x, y, false),
        Some("trunc") if ops::element::promoted(op, x, y)?.is_float() => {
            let quotient = binary(py, op, x, y, false)?;
            unary(py, &ops::unary::trunc::OP, &Operand::Owned(quotient))
        }
        // What is left of integers without the remainder divides exactly.
        Some("trunc") => {
            let remainder = binary(py, &ops::binary::fmod::OP, x, y, false)?;
            let whole = binary(py, &ops::binary::sub::OP, x, Arg::Tensor(&remainder), false)?;
            binary(py, &ops::binary::floor_divide::OP, Arg::Tensor(&whole), y, false)
        }
        Some(mode) => {
            let why = format!("rounding_mode is None, 'floor' or 'trunc', not {mode:?}");
            Err(Error::value(op.name, why).into())
        }
    }
}

/// The elements rounded to that many decimals; negative ones count to the left of the point.
fn rounded(py: Python<'_>, op: &'static ElementOp, x: &Operand<'_>, decimals: i64) -> Result<Tensor> {
    let decimals = decimals.clamp(-400, 400) as i32;
    let scale = Arg::Scalar(Scalar::Float(10f64.powi(decimals.abs())));
    let (there, back) = match decimals {
        0 => return unary(py, op, x),
        1.. => (&ops::binary::mul::OP, &ops::binary::div::OP),
        _ => (&ops::binary::div::OP, &ops::binary::mul::OP),
    };
    let x = x.tensor()?;
    if !x.dtype().is_inexact() {
        let why = "decimals round floats; convert with x.double()";
        return Err(Error::dtype(op.name, &[x.dtype()], why).into());
    }
    let scaled = binary(py, there, Arg::Tensor(&x), scale, false)?;
    let whole = unary(py, op, &Operand::Owned(scaled))?;
    binary(py, back, Arg::Tensor(&whole), scale, false)
}

fn apply_in_place(py: Python<'_>, op: &'static ElementOp, call: &Call<'_>) -> Result<()> {
    let Some(Operand::Tensor(x)) = call.inputs[0].as_ref().map(Operand::try_from).transpose()?.flatten() else {
        return Err(Error::value(op.name, "only a Tensor can be changed in place").into());
    };
    let x = &x.get().inner;
    if op.arity == 1 && call.decimals.is_none() {
        return run(py, x.numel(), || ops::unary_in_place(op, x));
    }
    if call.rounding()?.is_some() || call.decimals.is_some() {
        let result = apply(py, op, call)?;
        return Ok(ops::view::assign(op.name, x, &result)?);
    }
    let second = call.second(py, op)?;
    let y = second.arg();
    run(py, x.numel(), || ops::binary_in_place(op, x, y))
}

/// Calls `work` with the parsed arguments and turns errors and panics into Python exceptions.
///
/// # Safety
/// Called by Python as a METH_FASTCALL | METH_KEYWORDS function whose self is a capsule of an `ElementOp`.
unsafe fn enter(
    capsule: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
    plain: impl Fn(
        Python<'_>,
        &'static ElementOp,
        Borrowed<'_, '_, PyAny>,
        Option<Borrowed<'_, '_, PyAny>>,
    ) -> Result<Option<Tensor>>,
    work: impl Fn(Python<'_>, &'static ElementOp, &Call<'_>) -> PyResult<Py<PyAny>>,
) -> *mut ffi::PyObject {
    // SAFETY: Python holds the GIL when it calls, and passes live objects.
    unsafe {
        let py = Python::assume_attached();
        let op = &*ffi::PyCapsule_GetPointer(capsule, std::ptr::null()).cast::<ElementOp>();
        let arg = |i| Borrowed::from_ptr(py, *args.add(i));
        let call = || {
            let tensor = match count {
                1 if names.is_null() => plain(py, op, arg(0), None)?,
                2 if names.is_null() => plain(py, op, arg(0), Some(arg(1)))?,
                _ => None,
            };
            if let Some(tensor) = tensor {
                return Ok(Py::new(py, PyTensor::from(tensor))?.into_any());
            }
            let names: Vec<Bound<'_, PyAny>> = match Bound::from_borrowed_ptr_or_opt(py, names) {
                Some(names) => names.cast_into_unchecked::<PyTuple>().iter().collect(),
                None => Vec::new(),
            };
            let args: Vec<Bound<'_, PyAny>> = (0..count as usize + names.len()).map(|i| arg(i).to_owned()).collect();
            work(py, op, &Call::parse(op, &args, &names)?)
        };
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call))
            .unwrap_or_else(|_| Err(to_python(&Error::value(op.name, "failed unexpectedly; please report this call"))));
        match result {
            Ok(object) => object.into_ptr(),
            Err(error) => {
                error.restore(py);
                std::ptr::null_mut()
            }
        }
    }
}

unsafe extern "C" fn call(
    capsule: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: as `enter` asks.
    unsafe {
        enter(capsule, args, count, names, apply_plain, |py, op, call| {
            Ok(Py::new(py, PyTensor::from(apply(py, op, call)?))?.into_any())
        })
    }
}

unsafe extern "C" fn call_in_place(
    capsule: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: as `enter` asks.
    unsafe {
        enter(
            capsule,
            args,
            count,
            names,
            |_, _, _, _| Ok(None),
            |py, op, call| {
                apply_in_place(py, op, call)?;
                Ok(call.inputs[0].as_ref().map_or_else(|| py.None(), |x| x.clone().unbind()))
            },
        )
    }
}

/// A builtin function named `name` over `op`. Its definition lives as long as the process.
fn builtin<'py>(
    py: Python<'py>,
    name: &str,
    op: &'static ElementOp,
    entry: ffi::PyCFunctionFastWithKeywords,
) -> PyResult<Bound<'py, PyAny>> {
    let parameters = match (op.arity, op.name) {
        (1, _) => "(input)",
        (_, "add" | "sub") => "(input, other, *, alpha=1)",
        (_, "div") => "(input, other, *, rounding_mode=None)",
        _ => "(input, other)",
    };
    let doc = format!("{name}{parameters}\n--\n\n{}", describe(op));
    let definition = Box::leak(Box::new(ffi::PyMethodDef {
        ml_name: CString::new(name)?.into_raw(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: entry },
        ml_flags: (ffi::METH_FASTCALL | ffi::METH_KEYWORDS) as c_int,
        ml_doc: CString::new(doc)?.into_raw(),
    }));
    // SAFETY: the definition and the operation live for ever; the capsule has no destructor.
    unsafe {
        let pointer = std::ptr::from_ref(op).cast::<c_void>().cast_mut();
        let capsule = Bound::from_owned_ptr_or_err(py, ffi::PyCapsule_New(pointer, std::ptr::null(), None))?;
        let module = PyString::new(py, "diffkit");
        Bound::from_owned_ptr_or_err(py, ffi::PyCFunction_NewEx(definition, capsule.as_ptr(), module.as_ptr()))
    }
}

/// The documentation of a row: its sentence, and the derivatives it computes with.
fn describe(op: &ElementOp) -> String {
    let sentence: Vec<&str> = op.doc.lines().map(str::trim).collect();
    let mut text = sentence.join(" ").trim().to_string();
    let names = ["input", "other"];
    for (partial, name) in op.partials.iter().zip(names) {
        text += &format!("\n\nDerivative by {name}: {}", (partial.text)());
    }
    if !op.partials.is_empty() {
        text += "\n(x, y: the inputs, z: the result)";
    }
    text
}

/// (name, function) for every row and alias, out of place and in place.
pub fn functions(py: Python<'_>) -> PyResult<Vec<(String, Bound<'_, PyAny>)>> {
    let mut all = Vec::new();
    for op in element_ops() {
        for name in op.aliases.iter().chain([&op.name]) {
            all.push((name.to_string(), builtin(py, name, op, call)?));
            if !matches!(op.class, Class::Predicate | Class::Comparison) {
                let name = format!("{name}_");
                all.push((name.clone(), builtin(py, &name, op, call_in_place)?));
            }
        }
    }
    Ok(all)
}

/// What tests and documentation need to know of each row.
///
/// >>> [row["doc"] for row in diffkit.element_op_table() if row["name"] == "isnan"]
/// ['`isnan(x)`: ...']
#[pyfunction]
pub fn element_op_table(py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
    element_ops()
        .map(|op| {
            let entry = pyo3::types::PyDict::new(py);
            entry.set_item("name", op.name)?;
            entry.set_item("aliases", op.aliases.to_vec())?;
            entry.set_item("arity", op.arity)?;
            entry.set_item("class", format!("{:?}", op.class).to_lowercase())?;
            entry.set_item("domain", op.domain.to_vec())?;
            entry.set_item("differentiable", op.is_differentiable())?;
            entry.set_item("backward", op.backward)?;
            entry.set_item("doc", describe(op))?;
            Ok(entry.into_any().unbind())
        })
        .collect()
}
