//! The element types.

use crate::Error;
use faer::traits::{ComplexField, RealField};
use num_complex::Complex;

/// `f32`, `f64`, `Complex<f32>` or `Complex<f64>`. Sealed.
///
/// Parts and sizes are handed out as `f64`, which holds those of every type.
pub trait Scalar: ComplexField + Copy + sealed::Sealed {
    /// The type in double precision.
    #[doc(hidden)]
    type Wide: Scalar<Wide = Self::Wide>;
    #[doc(hidden)]
    const ZERO: Self;
    #[doc(hidden)]
    const ONE: Self;
    #[doc(hidden)]
    const EPSILON: f64;
    #[doc(hidden)]
    const MAX_EXPONENT: i32;
    /// The smallest normal number.
    #[doc(hidden)]
    const MIN_NORMAL: f64;
    /// Rounds to the type; a real one drops the imaginary part.
    #[doc(hidden)]
    fn from_parts(re: f64, im: f64) -> Self;
    /// Real and imaginary part.
    #[doc(hidden)]
    fn parts(self) -> (f64, f64);

    #[doc(hidden)]
    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let (re, im) = self.parts();
        Self::from_parts(f(re), f(im))
    }
    #[doc(hidden)]
    fn convert<T: Scalar>(self) -> T {
        let (re, im) = self.parts();
        T::from_parts(re, im)
    }
    #[doc(hidden)]
    fn finite(self) -> bool {
        let (re, im) = self.parts();
        re.is_finite() && im.is_finite()
    }
    /// The larger magnitude of real and imaginary part: the modulus up to a factor of the root of 2, without overflow.
    #[doc(hidden)]
    fn size(self) -> f64 {
        let (re, im) = self.parts();
        re.abs().max(im.abs())
    }
    /// The squared modulus.
    #[doc(hidden)]
    fn square(self) -> f64 {
        let (re, im) = self.parts();
        re * re + im * im
    }
    #[doc(hidden)]
    fn conjugate(self) -> Self {
        let (re, im) = self.parts();
        Self::from_parts(re, -im)
    }
    /// `self * 2^shift`.
    #[doc(hidden)]
    fn shifted(self, shift: i32) -> Self {
        self.map(|part| scaled(part, shift))
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
    impl<T> Sealed for num_complex::Complex<T> {}
}

macro_rules! real_scalars {
    ($($real:ty: $max_exponent:literal),*) => { $(
        impl Scalar for $real {
            type Wide = f64;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const EPSILON: f64 = <$real>::EPSILON as f64;
            const MAX_EXPONENT: i32 = $max_exponent;
            const MIN_NORMAL: f64 = <$real>::MIN_POSITIVE as f64;

            #[inline]
            fn from_parts(re: f64, _: f64) -> Self {
                re as $real
            }
            #[inline]
            fn parts(self) -> (f64, f64) {
                (f64::from(self), 0.0)
            }
        }
    )* };
}
real_scalars!(f32: 127, f64: 1023);

impl<R: RealField + Scalar<Wide = f64>> Scalar for Complex<R>
where
    Complex<R>: ComplexField,
{
    type Wide = Complex<f64>;
    const ZERO: Self = Complex { re: R::ZERO, im: R::ZERO };
    const ONE: Self = Complex { re: R::ONE, im: R::ZERO };
    const EPSILON: f64 = R::EPSILON;
    const MAX_EXPONENT: i32 = R::MAX_EXPONENT;
    const MIN_NORMAL: f64 = R::MIN_NORMAL;

    #[inline]
    fn from_parts(re: f64, im: f64) -> Self {
        Complex { re: R::from_parts(re, 0.0), im: R::from_parts(im, 0.0) }
    }
    #[inline]
    fn parts(self) -> (f64, f64) {
        (self.re.parts().0, self.im.parts().0)
    }
}

/// `x * 2^shift`, in two factors, because 2^shift alone may be out of range.
#[inline]
pub(crate) fn scaled(x: f64, shift: i32) -> f64 {
    x * power_of_two(shift / 2) * power_of_two(shift - shift / 2)
}

#[inline]
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent.clamp(-1022, 1023)) as u64) << 52)
}

/// `x = m 2^e` with `m` in [1, 2), for a positive finite `x`.
pub(crate) fn split(x: f64) -> (f64, i32) {
    if x < f64::MIN_POSITIVE {
        let (m, e) = split(x * power_of_two(64));
        return (m, e - 64);
    }
    let exponent = (x.to_bits() >> 52) as i32 - 1023;
    (x * power_of_two(-exponent / 2) * power_of_two(-exponent - -exponent / 2), exponent)
}

/// The largest size in `a`; an error if anything in it is not finite.
pub(crate) fn largest<T: Scalar>(a: &[T]) -> Result<f64, Error> {
    // Side by side: one chain of comparisons would take as long as some decompositions.
    const LANES: usize = 8;
    let (mut largest, mut finite) = ([0.0; LANES], [true; LANES]);
    let mut look = |chunk: &[T]| {
        for (lane, x) in chunk.iter().enumerate() {
            let size = x.size();
            largest[lane] = if size > largest[lane] { size } else { largest[lane] };
            finite[lane] &= x.finite();
        }
    };
    let chunks = a.chunks_exact(LANES);
    let rest = chunks.remainder();
    chunks.for_each(&mut look);
    look(rest);
    let finite = finite.into_iter().all(|finite| finite);
    match a.iter().position(|x| !finite && !x.finite()) {
        Some(index) => Err(Error::NotFinite { index }),
        None => Ok(largest.into_iter().fold(0.0, f64::max)),
    }
}

/// The power of two that brings the largest size to [1, 2). Iterations square elements, which must neither overflow nor
/// vanish.
pub(crate) fn unit_shift<T: Scalar>(a: &[T]) -> Result<i32, Error> {
    let largest = largest(a)?;
    Ok(if largest == 0.0 { 0 } else { -split(largest).1 })
}
