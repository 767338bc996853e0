//! Elementary functions of complex numbers.
use num_complex::Complex;
type C = Complex<f64>;
macro_rules! through { ($($f:ident $g:ident)*) => { $(pub fn $f(z: C) -> C { z.$g() })* } }
through!(exp exp exp2 exp2 log ln log2 log2 log10 log10 sqrt sqrt sin sin cos cos tan tan asin asin acos acos atan atan sinh sinh cosh cosh tanh tanh asinh asinh acosh acosh atanh atanh);
pub fn expm1(z: C) -> C {
    z.exp() - 1.0
}
pub fn log1p(z: C) -> C {
    (z + 1.0).ln()
}
pub fn sigmoid(z: C) -> C {
    1.0 / (1.0 + (-z).exp())
}
pub fn sign(z: C) -> C {
    let a = z.norm();
    if a == 0.0 { C::new(0.0, 0.0) } else { z / a }
}
pub fn div(x: C, y: C) -> C {
    x / y
}
pub fn pow(x: C, y: C) -> C {
    x.powc(y)
}
