//! How a quick form of a function tells that it does not hold.
//!
//! The full form of a function is right for every argument. Its quick form leaves out what only few arguments need
//! (results that overflow or are subnormal, huge angles) and returns, beside the value, a `care` that is negative
//! where it does not hold. Where it holds, it gives the bits of the full form: a loop may use it for a block of
//! elements of which none needs care.

/// A quick form's value and care.
macro_rules! care {
    ($T:ident, $Care:ident) => {
        /// The value of a quick form, and its care: negative where the value does not hold.
        pub type Quick = ($T, $Care);

        /// Negative beyond `limit`, and for NaN.
        #[inline(always)]
        pub(in crate::math) fn beyond(x: $T, limit: $T) -> $Care {
            limit.to_bits().wrapping_sub(x.abs().to_bits()) as $Care
        }

        /// Negative for what is no positive normal number.
        #[inline(always)]
        pub(in crate::math) fn not_normal(x: $T) -> $Care {
            let bits = x.to_bits();
            (bits.wrapping_sub($T::MIN_POSITIVE.to_bits()) | $T::MAX.to_bits().wrapping_sub(bits)) as $Care
        }
    };
}
pub(super) use care;
