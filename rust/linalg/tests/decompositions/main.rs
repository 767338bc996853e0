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

mod checks;
mod edges;
mod solving;
mod spectral;
