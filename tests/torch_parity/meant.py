"""Differences that are meant: patterns of what a comparison says, each with its reason.

Those that a user can meet are in ``docs/differences.md`` too, where a test runs them.
"""

import re

REAL = "complex numbers are not made real silently"
FRACTION = "a fraction is not rounded to an integer to keep a dtype"
TRUTH = "truth is a bool for every dtype"
ZERO = "zero times anything is zero where gradients meet derivatives"
FITS = "a number is not written to a dtype that cannot hold it"
BOOLS = "bools are no numbers"
QUIRK = "a quirk of PyTorch's implementation"
CONSTANT = "what does not depend on its input does not require gradients"

MEANT = {
    r"^(all|any)\(.*dtype bool, not uint8": TRUTH,
    r"^(float|double|int|long|short|char|byte|to|type)\(.*, complex.*complex numbers do not fit a real dtype": REAL,
    r"dtype=t\.(float|int)\d+\) for .*, complex.*complex numbers do not fit a real dtype": REAL,
    r"^(full_like|type_as|copy_|bincount)\(.*, complex.*complex numbers do not fit a real dtype": REAL,
    r"^(addcmul|addmm|addmv|addbmm|baddbmm|addr|hardtanh)\(.*0\.[15].*dtype float32, not u?int": FRACTION,
    r"^(addcmul|addmm|addmv|addbmm|baddbmm|addr)\(.*(=0\.5).*int.*the result does not fit": FRACTION,
    r"^(clamp|clip|hardtanh)\(.*, uint.*does not fit uint": FITS,
    r"^(masked_fill|index_fill|scatter)\(.*, bool, .*cannot be written": FITS,
    r"^(std|var|std_mean|var_mean)\(.* for x \(\).*, not np.(float64|complex128)\(nan": ZERO,
    r"^(square|sign|sgn|positive)\(.*, bool,.*not bools": BOOLS,
    r"^(add|sub|subtract)\(x, y, alpha=2\) for .*, bool, ": BOOLS,
    r"^(addmm|addmv|baddbmm|addbmm|addr|cumsum|cumprod)\(.*, bool, .*(does not fit|int64, not bool)": BOOLS,
    r"^(sum|prod|cumsum|cumprod|nansum|sum_to_size)\(.*, uint64, .*dtype uint64, not int64": "sums of uint64 stay uint64",
    r"^(softmax|log_softmax)\(.* for x \((0, 2|2, 0)\), (bool|u?int|complex).*takes floats only": QUIRK,
    r"^dropout\(.*takes (real )?floats only": "what is dropped is a float",
    r"^(bernoulli|rand_like|randn_like|normal|multinomial|poisson)\(.*(bool|int|complex)": "random numbers are real floats",
    r"^sign\(.*np.float(32|64)\(nan\), not np.float(32|64)\(0.0\)": "NaN in, NaN out",
    r"^sgn\(.*np.float(32|64)\(nan\), not np.float(32|64)\(0.0\)": "NaN in, NaN out",
    r"^heaviside\(.*np.float(32|64)\(nan\), not np.float(32|64)\(0.0\)": "NaN in, NaN out",
    r"^(floor_divide|div|divide)\(.*np.float(32|64)\((inf|-inf)\), not np.float(32|64)\(nan\)": "the array API's value",
    r"^(fmod|remainder)\(.*, not np.float(32|64)\(nan\)": "PyTorch divides by subnormal numbers as by zero",
    r"^pow\(x, 0\.5\).*np.float(32|64)\(inf\), not np.float(32|64)\(nan\)": "IEEE's power, not a square root",
    r"^matrix_power\(x, 0\).*(requires_grad|list of 0 parts)": CONSTANT,
    r"^cholesky\(.*, complex128, .*result\[1\]": "the diagonal of a Hermitian matrix is real",
    r"^slogdet\(.*requires_grad False, not True": CONSTANT,
    r"^(cummax|cummin)\(.* for x \(2, 0\).*(requires_grad|list of 0 parts)": CONSTANT,
    r"^vander\(.* for x \(0,\).*(requires_grad|list of 1 parts)": CONSTANT,
    r"^einsum\('ij->', x\).*dtype (bool|u?int\d+), not int64": "the result of einsum has its inputs' dtype",
    r"^(logaddexp|logcumsumexp|logsumexp|quantile)\(.*, complex.*raised DTypeError": "not for complex numbers",
    r"^(sort|argsort|msort|topk|kthvalue|searchsorted|bucketize|cummax|cummin)\(.*, complex.*have no order": "no order",
    r"^hardswish\(.*np.float(32|64)\(0.0\), not np.float(32|64)\(nan\)": "the limit of the product",
    r"^silu\(.*, complex.*takes real numbers": "activations are for real numbers",
    r"^matrix_power\(.*, (bool|u?int\d+), .*takes floats": "linear algebra is for floats and complex numbers",
}

PATTERNS = [re.compile(pattern) for pattern in MEANT]

#: Patterns that were needed.
MET: set[str] = set()


def is_meant(what: str) -> bool:
    """Whether a difference is meant; notes which pattern says so."""
    found = [pattern.pattern for pattern in PATTERNS if pattern.search(what)]
    MET.update(found)
    return bool(found)
