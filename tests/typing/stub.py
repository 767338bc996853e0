"""Writes the type stub of `diffkit._core` from the signatures that the module has at run time.

Run it after a change of the Rust bindings: `python tests/typing/stub.py`. What signatures do not say, the
types, is said here once: by the name of the parameter, for a function and the method that is the same
function. Classes are declared in stub_head.txt.
"""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from diffkit import _core

HERE = Path(__file__).parent
TARGET = HERE.parents[1] / "python/diffkit/_core.pyi"

#: Names of parameters by type; "function.parameter" goes before "parameter". A default of None adds None.
TYPES = {
    "Tensor": """
        a abs angle append aweights b B batch1 batch2 bias boundaries condition count end fweights
        gradient imag index indices input mask mat mat1 mat2 new_state other pos_weight prepend prob real
        sorted_sequence source src target tensor tensor1 tensor2 values vec vec1 vec2 weight weights x x1
        x2 y
    """,
    "_TensorLike": """
        alpha beta dx elements exponent fill_value max mean min q start std step stop test_elements value
        arange.end bernoulli_.p bucketize.input copy_.src matrix_rank.rtol pinv.rtol float_power.input
        lerp.weight lerp_.weight linspace.end scatter.src searchsorted.input where.input where.other
    """,
    "_int": """
        N axis bins chunks col diagonal dim dim0 dim1 dim2 draws edge_order end_dim high ignore_index k
        length low m minlength n num num_classes num_samples offset r row seed start_dim steps total
        narrow.start random_.from_ random_.to select.index
    """,
    "_Axes": """
        args destination dims normalized_shape repeats shape shifts size sizes split_size_or_sections
        gradient.axis gradient.dim all.axis all.dim amax.axis amax.dim amin.axis amin.dim any.axis any.dim
        count_nonzero.axis count_nonzero.dim linalg_norm.axis linalg_norm.dim logsumexp.axis logsumexp.dim
        mean.axis mean.dim flip.axis movedim.source norm.axis norm.dim roll.axis squeeze.axis squeeze.dim
        std.axis std.dim std_mean.axis std_mean.dim sum.axis sum.dim var.axis var.dim var_mean.axis
        var_mean.dim vector_norm.axis vector_norm.dim
    """,
    "_bool": """
        accumulate as_tuple assume_unique copy create_graph descending equal_nan full_matrices increasing
        invert keepdim keepdims largest left log_target non_blocking on out_int32 replacement
        requires_grad retain_graph return_counts return_inverse right sorted stable training unbiased
        unitriangular upper with_replacement wrap
    """,
    "_float": """
        atol base correction delta eps from_ label_smoothing lambd max_val maxnorm min_val nan neginf
        negative_slope p posinf rcond rtol threshold to elu.alpha logspace.end logspace.start normal_.mean
        normal_.std smooth_l1_loss.beta softplus.beta vector_norm.ord histc.max histc.min
    """,
    "str": "UPLO equation indexing interpolation mode reduction side _fourier.kind _fourier.norm",
    "Any": "array data obj from_dlpack.x",
    "Sequence[_int]": "shapes",
    "_Number | Tensor | Sequence[_Number | Tensor]": "spacing",
    "Sequence[Tensor]": "inputs outputs tensors index_put.indices index_put_.indices",
    "Sequence[Tensor | None]": "grad_outputs",
    "Tensor | Sequence[Tensor]": "operands broadcast_tensors.tensors meshgrid.tensors",
    "Generator": "generator",
    "_AnyDevice": "device",
    "_AnyDType": "d dtype type1 type2",
    "_Order": "ord norm.p",
    "_Axes | Tensor": "indices_or_sections",
    "_TensorLike | _AnyDType": "result_type.args",
    "_int | Tensor": "repeat_interleave.repeats",
    "_int | tuple[_Axes, _Axes]": "tensordot.dims",
    "tuple[_int, _int]": "matrix_norm.dim",
    "Tensor | _dtype | _device | str": "to.args",
}
PARAMETERS = {name: kind for kind, names in TYPES.items() for name in names.split()}

#: Functions by the type of their result, where that is not a Tensor.
RESULTS = {
    "tuple[Tensor, ...]": """
        broadcast_tensors chunk dsplit gradient hsplit meshgrid split tensor_split unbind vsplit
    """,
    "tuple[Tensor, Tensor]": "std_mean var_mean",
    "ValuesIndices": "cummax cummin kthvalue mode sort topk",
    "_bool": """
        allclose equal get_fusion is_complex is_contiguous is_floating_point is_grad_enabled is_nonzero
        is_tensor set_recording
    """,
    "_int": "data_ptr dim element_size get_num_threads initial_seed nelement numel seed storage_offset",
    "None": "backward empty_cache set_default_dtype set_fusion set_num_threads set_rng_state",
    "_dtype": "get_default_dtype promote_types result_type",
    "_MinMax": "aminmax",
    "EigResult": "eig",
    "EighResult": "eigh",
    "LUResult": "lu",
    "LstsqResult": "lstsq",
    "QRResult": "qr",
    "tuple[_int, ...]": "broadcast_shapes",
    "list[dict[str, Any]]": "element_op_table",
    "list[Tensor | None]": "grad_of",
    "str": "isa",
    "Generator": "manual_seed",
    "SlogdetResult": "slogdet",
    "SVDResult": "svd",
}
RETURNS = {name: kind for kind, names in RESULTS.items() for name in names.split()}

KEEP = "keepdim: _bool | None = ..., *, keepdims: _bool | None = ..."
#: (parameters after the first, result) of functions whose result depends on their arguments.
EXTREMES = [
    (f"dim: None = ..., {KEEP}, axis: None = ...", "Tensor"),
    (f"dim: _int, {KEEP}", "ValuesIndices"),
    ("*, axis: _int, keepdim: _bool | None = ..., keepdims: _bool | None = ...", "ValuesIndices"),
]
OTHERS = [("dim: Tensor", "Tensor"), ("*, other: _TensorLike | None = ...", "Tensor")]
OVERLOADS = {
    "max": EXTREMES + OTHERS,
    "min": EXTREMES + OTHERS,
    "median": EXTREMES,
    "nonzero": [
        ("*, as_tuple: Literal[False] = ...", "Tensor"),
        ("*, as_tuple: Literal[True]", "tuple[Tensor, ...]"),
    ],
    "stride": [("dim: None = ...", "tuple[_int, ...]"), ("dim: _int", "_int")],
    "type": [("dtype: None = ...", "str"), ("dtype: _AnyDType", "Tensor")],
    "unique": [
        (f"{start} return_inverse: {inverse}, return_counts: {counts}, dim: None = ...", result)
        for start, inverse, counts, result in (
            ("sorted: _bool = ...,", "Literal[False] = ...", "Literal[False] = ...", "Tensor"),
            ("sorted: _bool = ..., *,", "Literal[True]", "Literal[False] = ...", "tuple[Tensor, Tensor]"),
            ("sorted: _bool = ..., *,", "Literal[False] = ...", "Literal[True]", "tuple[Tensor, Tensor]"),
            ("sorted: _bool = ..., *,", "Literal[True]", "Literal[True]", "tuple[Tensor, Tensor, Tensor]"),
        )
    ],
}

ROWS = {name: row for row in _core.element_op_table() for name in (row["name"], *row["aliases"])}
#: Keywords of elementwise functions that a signature of two inputs does not show.
KEYWORDS = {
    "add": "alpha: _Number = ...",
    "sub": "alpha: _Number = ...",
    "div": "rounding_mode: str | None = ...",
}


def elementwise(name: str, first: str) -> Iterator[str]:
    row = ROWS[name.removesuffix("_")]
    several = row["arity"] == 2
    kind = "_TensorLike" if several else "Tensor"
    parameters = [first or f"input: {kind}", *(["other: _TensorLike"] if several else [])]
    if row["name"] in KEYWORDS:
        parameters += ["*", KEYWORDS[row["name"]]]
    yield f"def {name}({', '.join(parameters)}) -> Tensor: ..."


def parameter(function: str, given: inspect.Parameter) -> str:
    star = "*" if given.kind == given.VAR_POSITIONAL else ""
    kind = PARAMETERS.get(f"{function}.{given.name}") or PARAMETERS.get(given.name)
    if kind is None:
        raise KeyError(f"{function}: what type has {given.name!r}? Say so in TYPES")
    if given.default is None:
        kind = f"{kind} | None"
    default = "" if given.default is given.empty else " = ..."
    return f"{star}{given.name}: {kind}{default}"


def plain(name: str, function: Callable[..., Any], first: str) -> Iterator[str]:
    """The declaration of a function by its own signature; `first` replaces its first parameter."""
    # An alias has the types of the function that it names; some methods have another name in the module.
    own = name if name in ("where", "backward") else function.__name__
    shown: list[str] = []
    last = None
    for given in inspect.signature(function).parameters.values():
        if last == given.POSITIONAL_ONLY != given.kind:
            shown.append("/")
        if given.kind == given.KEYWORD_ONLY and last not in (given.KEYWORD_ONLY, given.VAR_POSITIONAL):
            shown.append("*")
        shown.append(first if first and not shown else parameter(own, given))
        last = given.kind
    yield f"def {name}({', '.join(shown)}) -> {RETURNS.get(own, 'Tensor')}: ..."


def declare(name: str, function: Callable[..., Any], method: bool) -> Iterator[str]:
    first = "_self" if method else ""
    if name.removesuffix("_") in ROWS:
        yield from elementwise(name, first)
    elif name in OVERLOADS:
        for parameters, result in OVERLOADS[name]:
            yield "@overload"
            yield f"def {name}({first or 'input: Tensor'}, {parameters}) -> {result}: ..."
    else:
        yield from plain(name, function, first)


def attached() -> list[str]:
    """The methods of Tensor that are functions of the module, or were made as such."""
    members = vars(_core.Tensor).items()
    return sorted(name for name, what in members if type(what).__name__ == "instancemethod")


def render() -> str:
    """The text of the stub, not yet formatted."""
    names = sorted(name for name in vars(_core) if not name.startswith("__"))
    lines = [(HERE / "stub_head.txt").read_text()]
    for name in attached():
        lines += [f"    {line}" for line in declare(name, getattr(_core.Tensor, name), method=True)]
    lines += ["", *(f"{name}: _dtype" for name in names if isinstance(getattr(_core, name), _core.dtype))]
    lines += ["default_generator: Generator", ""]
    for name in names:
        if inspect.isbuiltin(getattr(_core, name)):
            lines += declare(name, getattr(_core, name), method=False)
    lines += ["", f"__all__ = {sorted(_core.__all__)}"]
    return "\n".join(lines)


if __name__ == "__main__":
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", TARGET.name, "-"]
    formatted = subprocess.run(command, input=render(), stdout=subprocess.PIPE, text=True, check=True).stdout
    TARGET.write_text(formatted)
