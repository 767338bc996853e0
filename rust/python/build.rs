//! Makes Python's own configuration (such as a build without the interpreter's lock) visible as `cfg`.
fn main() {
    pyo3_build_config::use_pyo3_cfgs();
}
