//! Division towards minus infinity, and the neighbours of a number: exact arithmetic, written once for both types.

/// `floor_divide` and `nextafter` for one float type.
macro_rules! division {
    ($T:ident) => {
        /// The largest integer not above `x / y`, rounded once: exact below 2 / epsilon. As the array API standard prefers,
        /// an infinite quotient stays infinite, and a number by an infinity is a zero (Python would give -1 for one of
        /// the other sign).
        #[inline(always)]
        pub fn floor_divide(x: $T, y: $T) -> $T {
            let ratio = x / y;
            let whole = ratio.floor();
            // A quotient that was rounded up to an integer leaves a remainder of the other sign, whose sign is exact.
            let rest = if y.abs() == $T::INFINITY { 0.0 } else { (-whole).mul_add(y, x) };
            let above = (rest < 0.0 && y > 0.0) || (rest > 0.0 && y < 0.0);
            if above { whole - 1.0 } else { whole }
        }

        /// The next number after `x` towards `y`; `y` where they are equal.
        #[inline(always)]
        pub fn nextafter(x: $T, y: $T) -> $T {
            let bits = x.to_bits();
            // Away from zero the bits grow.
            let outward = (x < y) == (x > 0.0);
            let moved = $T::from_bits(if outward { bits.wrapping_add(1) } else { bits.wrapping_sub(1) });
            let moved = if x == 0.0 { $T::from_bits(1).copysign(y) } else { moved };
            let result = if x == y { y } else { moved };
            if x.is_nan() || y.is_nan() { $T::NAN } else { result }
        }
    };
}
pub(super) use division;
