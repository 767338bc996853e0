//! The element types.

use crate::Error;

/// `f32` or `f64`.
///
/// What the decompositions need of an element is a matter of `Element`, which is the type itself under another name: as
/// a bound of this trait it would put all of faer's methods on every `T: Real` of the callers.
pub trait Real: Copy + Send + Sync + 'static {
    #[doc(hidden)]
    type Element: sealed::Element;
    #[doc(hidden)]
    fn elements(slice: &[Self]) -> &[Self::Element];
    #[doc(hidden)]
    fn elements_mut(slice: &mut [Self]) -> &mut [Self::Element];
}

impl Real for f32 {
    type Element = Self;
    fn elements(slice: &[Self]) -> &[Self] {
        slice
    }
    fn elements_mut(slice: &mut [Self]) -> &mut [Self] {
        slice
    }
}

impl Real for f64 {
    type Element = Self;
    fn elements(slice: &[Self]) -> &[Self] {
        slice
    }
    fn elements_mut(slice: &mut [Self]) -> &mut [Self] {
        slice
    }
}

pub(crate) use sealed::Element;

mod sealed {
    pub trait Element: faer::traits::RealField + Copy {
        const ZERO: Self;
        const EPSILON: Self;
        const MAX_EXPONENT: i32;
        const MIN_NORMAL: Self;
        fn finite(self) -> bool;
        fn magnitude(self) -> Self;
        fn widen(self) -> f64;
        /// `self * 2^shift`.
        fn shifted(self, shift: i32) -> Self;
    }
}

impl Element for f32 {
    const ZERO: Self = 0.0;
    const EPSILON: Self = f32::EPSILON;
    const MAX_EXPONENT: i32 = 127;
    const MIN_NORMAL: Self = Self::MIN_POSITIVE;

    fn finite(self) -> bool {
        self.is_finite()
    }

    fn magnitude(self) -> Self {
        self.abs()
    }

    fn widen(self) -> f64 {
        f64::from(self)
    }

    #[inline]
    fn shifted(self, shift: i32) -> Self {
        f64::from(self).shifted(shift) as f32
    }
}

impl Element for f64 {
    const ZERO: Self = 0.0;
    const EPSILON: Self = f64::EPSILON;
    const MAX_EXPONENT: i32 = 1023;
    const MIN_NORMAL: Self = Self::MIN_POSITIVE;

    fn finite(self) -> bool {
        self.is_finite()
    }

    fn magnitude(self) -> Self {
        self.abs()
    }

    fn widen(self) -> f64 {
        self
    }

    /// In two factors, because 2^shift alone may be out of range.
    #[inline]
    fn shifted(self, shift: i32) -> Self {
        self * power_of_two(shift / 2) * power_of_two(shift - shift / 2)
    }
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

/// The largest magnitude in `a`; an error if anything in it is not finite.
pub(crate) fn largest<E: Element>(a: &[E]) -> Result<E, Error> {
    let mut largest = E::ZERO;
    for (index, x) in a.iter().enumerate() {
        if !x.finite() {
            return Err(Error::NotFinite { index });
        }
        let magnitude = x.magnitude();
        if magnitude > largest {
            largest = magnitude;
        }
    }
    Ok(largest)
}
