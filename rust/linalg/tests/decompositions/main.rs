//! Decompositions against closed forms and their own definitions, in both precisions.

/// Runs generic tests in both precisions.
macro_rules! in_both {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            #[test]
            fn single() { super::generic::$name::<f32>(); }
            #[test]
            fn double() { super::generic::$name::<f64>(); }
        }
    )+ };
}

/// Runs generic tests in all four types.
macro_rules! in_four {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            #[test]
            fn single() { super::generic::$name::<f32>(); }
            #[test]
            fn double() { super::generic::$name::<f64>(); }
            #[test]
            fn complex_single() { super::generic::$name::<num_complex::Complex<f32>>(); }
            #[test]
            fn complex_double() { super::generic::$name::<num_complex::Complex<f64>>(); }
        }
    )+ };
}

mod checks;
mod edges;
mod general;
mod residuals;
mod solving;
mod spectral;
