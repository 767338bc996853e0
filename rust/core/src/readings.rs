//! The readings of a row that are not numbers: what it uses, its formula, and tensor operations.

use crate::array::Array;
use crate::dtype::{DType, Kind};
use crate::error::Result;
use crate::ops::{self, Arg, ElementOp, binary, unary};
use crate::real::{Num, Real, functions, literal_operators};
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Operators and functions of a reading from two generic methods: `one(name, x)` and `two(name, x, y)`.
macro_rules! reading {
    ([$T:ident] $($a:ident)*; $($f:ident)*; $($g:ident)*) => {
        reading!(@operators $T Add add, Sub sub, Mul mul, Div div);
        literal_operators!($T: Add add, Sub sub, Mul mul, Div div);
        impl Neg for $T {
            type Output = $T;
            #[inline(always)]
            fn neg(self) -> $T {
                $T::one("neg", self)
            }
        }
        impl Num for $T {
            type Mask = $T;
            #[inline(always)]
            fn constant(v: f64) -> $T {
                $T::literal(v)
            }
            #[inline(always)]
            fn select(mask: $T, yes: $T, no: $T) -> $T {
                $T::choose(mask, yes, no)
            }
            #[inline(always)]
            fn or(a: $T, b: $T) -> $T {
                $T::two("logical_or", a, b)
            }
            reading!(@one $T conj abs sign floor ceil trunc round);
            reading!(@two $T lt eq maximum minimum floor_divide remainder fmod pow);
        }
        impl Real for $T {
            reading!(@one $T sqrt $($a)* $($f)*);
            reading!(@two $T strong_mul $($g)*);
        }
    };
    (@operators $T:ident $($trait:ident $method:ident),*) => {
        $(impl $trait for $T {
            type Output = $T;
            #[inline(always)]
            fn $method(self, other: $T) -> $T {
                $T::two(stringify!($method), self, other)
            }
        })*
    };
    (@one $T:ident $($f:ident)*) => {
        $(#[inline(always)]
        fn $f(self) -> $T {
            $T::one(stringify!($f), self)
        })*
    };
    (@two $T:ident $($g:ident)*) => {
        $(#[inline(always)]
        fn $g(self, other: $T) -> $T {
            $T::two(stringify!($g), self, other)
        })*
    };
}

// ---- what a rule uses ----

/// Which of a rule's values (bit 0: x, 1: y, 2: the result) an expression reads; or the constant that it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Uses {
    Constant(f64),
    Values(u8),
}

impl Uses {
    #[inline(always)]
    fn mask(self) -> u8 {
        match self {
            Uses::Constant(_) => 0,
            Uses::Values(mask) => mask,
        }
    }
    pub fn reads(self, value: usize) -> bool {
        self.mask() >> value & 1 == 1
    }
    #[inline(always)]
    fn literal(v: f64) -> Uses {
        Uses::Constant(v)
    }
    #[inline(always)]
    fn one(name: &str, x: Uses) -> Uses {
        match (name, x) {
            ("neg", Uses::Constant(v)) => Uses::Constant(-v),
            (_, x) => Uses::Values(x.mask()),
        }
    }
    #[inline(always)]
    fn two(_: &str, x: Uses, y: Uses) -> Uses {
        Uses::Values(x.mask() | y.mask())
    }
    #[inline(always)]
    fn choose(mask: Uses, yes: Uses, no: Uses) -> Uses {
        Uses::Values(mask.mask() | yes.mask() | no.mask())
    }
}
functions!(reading, Uses);

// ---- the formula ----

thread_local! {
    static TEXTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// An index into the formulas under construction, so that rows can copy values freely.
#[derive(Clone, Copy)]
pub struct Text(usize);

impl Text {
    /// The formula that `write` builds from named values.
    pub fn formula(write: impl FnOnce(fn(&str) -> Text) -> Text) -> String {
        let result = write(|name| Text::push(name.to_string())).get();
        TEXTS.with_borrow_mut(Vec::clear);
        result
    }
    fn push(text: String) -> Text {
        TEXTS.with_borrow_mut(|texts| {
            texts.push(text);
            Text(texts.len() - 1)
        })
    }
    fn get(self) -> String {
        TEXTS.with_borrow(|texts| texts[self.0].clone())
    }
    fn literal(v: f64) -> Text {
        Text::push(v.to_string())
    }
    fn one(name: &str, x: Text) -> Text {
        Text::push(if name == "neg" { format!("-{}", x.get()) } else { format!("{name}({})", x.get()) })
    }
    fn two(name: &str, x: Text, y: Text) -> Text {
        let (x, y) = (x.get(), y.get());
        Text::push(match name {
            "add" => format!("({x} + {y})"),
            "sub" => format!("({x} - {y})"),
            "mul" | "strong_mul" => format!("{x} * {y}"),
            "div" => format!("{x} / ({y})"),
            "pow" => format!("{x}^({y})"),
            "lt" => format!("{x} < {y}"),
            "eq" => format!("{x} == {y}"),
            "logical_or" => format!("{x} or {y}"),
            _ => format!("{name}({x}, {y})"),
        })
    }
    fn choose(mask: Text, yes: Text, no: Text) -> Text {
        Text::push(format!("where({}, {}, {})", mask.get(), yes.get(), no.get()))
    }
}
functions!(reading, Text);

// ---- tensor operations ----

enum Value {
    Number(Scalar),
    Tensor(Tensor),
}

thread_local! {
    static VALUES: RefCell<Vec<Result<Value>>> = const { RefCell::new(Vec::new()) };
}

/// A value of an expression over tensors, by its place among the values under construction. The first error wins.
#[derive(Clone, Copy)]
pub struct Traced(usize);

impl Traced {
    /// The gradient `g * derivative(inputs)` with strong zeros, as tensor operations.
    pub fn gradient(
        inputs: [Option<&Tensor>; 3],
        scalars: [Option<Scalar>; 3],
        g: &Tensor,
        derivative: fn([Traced; 3]) -> Traced,
    ) -> Result<Tensor> {
        let start = VALUES.with_borrow(Vec::len);
        let values = [0, 1, 2].map(|i| match (inputs[i], scalars[i]) {
            (Some(tensor), _) => Traced::push(Ok(Value::Tensor(tensor.clone()))),
            (None, Some(v)) => Traced::push(Ok(Value::Number(v))),
            (None, None) => Traced::literal(f64::NAN),
        });
        let g = Traced::push(Ok(Value::Tensor(g.clone())));
        let result = g.strong_mul(derivative(values).conj()).tensor();
        VALUES.with_borrow_mut(|values| values.truncate(start));
        result
    }

    fn push(value: Result<Value>) -> Traced {
        VALUES.with_borrow_mut(|values| {
            values.push(value);
            Traced(values.len() - 1)
        })
    }

    fn get(self) -> Result<Value> {
        VALUES.with_borrow(|values| match &values[self.0] {
            Ok(Value::Number(v)) => Ok(Value::Number(*v)),
            Ok(Value::Tensor(tensor)) => Ok(Value::Tensor(tensor.clone())),
            Err(error) => Err(error.clone()),
        })
    }

    fn tensor(self) -> Result<Tensor> {
        match self.get()? {
            Value::Tensor(tensor) => Ok(tensor),
            Value::Number(v) => Traced::precise(v),
        }
    }

    /// A number with no tensor beside it to take the dtype of.
    fn precise(v: Scalar) -> Result<Tensor> {
        let dtype = if v.kind() == Kind::Complex { DType::C128 } else { DType::F64 };
        Ok(Array::full("backward", &[], dtype, v)?.into())
    }

    fn literal(v: f64) -> Traced {
        Traced::push(Ok(Value::Number(Scalar::Float(v))))
    }

    fn one(name: &'static str, x: Traced) -> Traced {
        let call = |x| if name == "conj" { ops::complex::conj(&x) } else { unary(ops::element_op(name), &x) };
        Traced::push(x.tensor().and_then(call).map(Value::Tensor))
    }

    fn two(name: &'static str, x: Traced, y: Traced) -> Traced {
        let op: &'static ElementOp = ops::element_op(name);
        let call = || {
            let (x, y) = (x.get()?, y.get()?);
            let result = match (&x, &y) {
                (Value::Tensor(x), Value::Tensor(y)) => binary(op, Arg::Tensor(x), Arg::Tensor(y)),
                (Value::Tensor(x), Value::Number(y)) => binary(op, Arg::Tensor(x), Arg::Scalar(*y)),
                (Value::Number(x), Value::Tensor(y)) => binary(op, Arg::Scalar(*x), Arg::Tensor(y)),
                (Value::Number(x), Value::Number(y)) => {
                    let x = Traced::precise(*x)?;
                    binary(op, Arg::Tensor(&x), Arg::Scalar(*y))
                }
            };
            result.map(Value::Tensor)
        };
        Traced::push(call())
    }

    fn choose(mask: Traced, yes: Traced, no: Traced) -> Traced {
        let call = || {
            let (yes, no) = (yes.get()?, no.get()?);
            let number = |v: &Value| match v {
                Value::Number(v) => Some(*v),
                Value::Tensor(_) => None,
            };
            let mask = mask.tensor()?;
            let yes_arg = match (&yes, number(&yes)) {
                (Value::Tensor(t), _) => Arg::Tensor(t),
                (_, v) => Arg::Scalar(v.unwrap_or(Scalar::Float(0.0))),
            };
            let no_arg = match (&no, number(&no)) {
                (Value::Tensor(t), _) => Arg::Tensor(t),
                (_, v) => Arg::Scalar(v.unwrap_or(Scalar::Float(0.0))),
            };
            ops::where_(&mask, yes_arg, no_arg).map(Value::Tensor)
        };
        Traced::push(call())
    }
}
functions!(reading, Traced);
