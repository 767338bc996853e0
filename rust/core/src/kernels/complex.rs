//! Loops over complex elements, as pairs of floats and as numbers.

use super::copy::GRAIN;
use super::map::{Operand, map};
use super::{Body, Kernel};
use crate::array::Array;
use crate::dtype::{Complex, DType};
use crate::lanes::Lane;
use crate::layout::{Layout, Strides};
use crate::real::{Num, Real};
use std::marker::PhantomData;

/// What is computed of each complex element.
#[derive(Clone, Copy)]
pub enum Part {
    Conjugate,
    /// The absolute value, a float.
    Modulus,
    /// The number divided by its absolute value; 0 of 0.
    Direction,
}

struct Loop<const PART: u8, T>(PhantomData<T>);

macro_rules! loops {
    ($($T:ident)*) => {$(
        impl<const PART: u8> Body for Loop<PART, $T> {
            #[inline(always)]
            unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
                // SAFETY: one argument of n complex numbers, room for n results of the part's type.
                unsafe {
                    let x = (*args).cast::<Lane<Complex<$T>>>();
                    for i in 0..n {
                        let z = *x.add(i);
                        match PART {
                            0 => *out.cast::<Lane<Complex<$T>>>().add(i) = z.conj(),
                            1 => *out.cast::<$T>().add(i) = Lane(z.0.re).hypot(Lane(z.0.im)).0,
                            _ => *out.cast::<Lane<Complex<$T>>>().add(i) = z.sign(),
                        }
                    }
                }
            }
        }
    )*};
}
loops!(f32 f64);

/// `out = part(x)`, `out` fresh, of x's shape and the part's dtype.
pub fn part(part: Part, x: &Array, out: &Array) {
    fn kernel<const PART: u8>(dtype: DType) -> Kernel {
        match dtype {
            DType::C64 => Kernel::of::<Loop<PART, f32>>(),
            _ => Kernel::of::<Loop<PART, f64>>(),
        }
    }
    let kernel = match part {
        Part::Conjugate => kernel::<0>(x.dtype()),
        Part::Modulus => kernel::<1>(x.dtype()),
        Part::Direction => kernel::<2>(x.dtype()),
    };
    map(kernel.get(), &[Operand::Array(x)], x.dtype().size(), out, GRAIN);
}

/// The real (0) or imaginary (1) floats of complex memory, in place.
pub fn floats(x: &Array, which: usize) -> Array {
    let strides: Strides = x.layout().strides().iter().map(|&stride| 2 * stride).collect();
    let layout = Layout::new(x.layout().dims(), strides, 2 * x.layout().offset() + which);
    Array::new(x.buffer().clone(), layout, x.dtype().real())
}
