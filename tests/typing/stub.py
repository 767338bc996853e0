"""Writes the type stub of `diffkit._core` from the signatures that the module has at run time.

Run it after a change of the Rust bindings: `python tests/typing/stub.py`. What signatures do not say, the types, is
said here once: by the name of the parameter, for a function and the method that is the same function.
"""

from __future__ import annotations

import inspect
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from diffkit import _core

HERE = Path(__file__).parent
TARGET = Path("python/diffkit/_core.pyi")

#: Types of parameters by name; "function.parameter" goes before "parameter".
PARAMETERS = {
    **dict.fromkeys(["a", "b", "x", "y", "x1", "x2", "input", "other", "end", "index", "indices", "mask"], "Tensor"),
    **dict.fromkeys(["batch1", "batch2", "count", "mat", "mat1", "mat2", "prob", "source", "target"], "Tensor"),
    **dict.fromkeys(["tensor", "tensor1", "tensor2", "values", "vec", "vec2", "condition"], "Tensor"),
    **dict.fromkeys(["new_state", "sorted_sequence"], "Tensor"),
    **dict.fromkeys(["append", "bias", "gradient", "pos_weight", "prepend", "weight", "weights"], "Tensor | None"),
    **dict.fromkeys(["alpha", "beta", "fill_value", "step", "value"], "_Number | Tensor"),
    **dict.fromkeys(["elements", "q", "src", "test_elements"], "_TensorLike"),
    **dict.fromkeys(["max", "min", "stop"], "_TensorLike | None"),
    **dict.fromkeys(["mean", "std", "start"], "_TensorLike"),
    **dict.fromkeys(["axis", "dim", "num", "num_classes"], "_int | None"),
    **dict.fromkeys(["chunks", "dim0", "dim1", "dim2", "draws", "end_dim", "k", "length", "n"], "_int"),
    **dict.fromkeys(["diagonal", "ignore_index", "minlength", "num_samples", "offset", "start_dim"], "_int"),
    **dict.fromkeys(["col", "row", "seed", "steps", "total"], "_int"),
    **dict.fromkeys(["high", "low", "m"], "_int | None"),
    **dict.fromkeys(["args", "destination", "normalized_shape", "repeats", "shifts", "source_axes"], "_Axes"),
    **dict.fromkeys(["dims", "shape", "size"], "_Axes | None"),
    **dict.fromkeys(["keepdim", "keepdims", "copy", "retain_graph", "unbiased"], "_bool | None"),
    **dict.fromkeys(["as_tuple", "assume_unique", "create_graph", "descending", "equal_nan", "full_matrices"], "_bool"),
    **dict.fromkeys(["accumulate", "invert", "largest", "log_target", "non_blocking", "on", "out_int32"], "_bool"),
    **dict.fromkeys(["replacement", "requires_grad", "return_counts", "return_inverse", "right"], "_bool"),
    **dict.fromkeys(["sorted", "stable", "training", "upper"], "_bool"),
    **dict.fromkeys(["atol", "base", "delta", "eps", "from_", "label_smoothing", "lambd", "max_val"], "_float"),
    **dict.fromkeys(["min_val", "negative_slope", "rtol", "threshold", "to"], "_float"),
    **dict.fromkeys(["correction", "nan", "neginf", "p", "posinf"], "_float | None"),
    **dict.fromkeys(["UPLO", "equation", "interpolation", "reduction"], "str"),
    **dict.fromkeys(["indexing", "side"], "str | None"),
    **dict.fromkeys(["array", "data", "obj"], "Any"),
    **dict.fromkeys(["d", "type1", "type2"], "_AnyDType"),
    **dict.fromkeys(["grad_outputs"], "Sequence[Tensor | None] | None"),
    **dict.fromkeys(["inputs", "operands", "outputs", "tensors"], "Sequence[Tensor]"),
    "device": "_AnyDevice",
    "dtype": "_AnyDType | None",
    "generator": "Generator | None",
    "indices_or_sections": "_Axes | Tensor",
    "ord": "_Order | None",
    "split_size_or_sections": "_Axes",
}
PARAMETERS |= {
    "arange.end": "_TensorLike | None",
    "arange.step": "_TensorLike | None",
    "backward.inputs": "Sequence[Tensor] | None",
    "bernoulli_.p": "_TensorLike",
    "broadcast_tensors.tensors": "Tensor | Sequence[Tensor]",
    "cdist.p": "_float",
    "copy_.src": "_TensorLike",
    "cov.correction": "_float",
    "cosine_similarity.dim": "_int | None",
    "diagonal.dim1": "_int",
    "dist.p": "_float",
    "dropout.p": "_float",
    "einsum.operands": "Tensor | Sequence[Tensor]",
    "fill_.value": "_TensorLike",
    "from_dlpack.x": "Any",
    "index_put.indices": "Sequence[Tensor]",
    "index_put_.indices": "Sequence[Tensor]",
    "lerp.weight": "_TensorLike",
    "lerp_.weight": "_TensorLike",
    "linear.weight": "Tensor",
    "linspace.end": "_TensorLike",
    "linspace.steps": "_int | None",
    "logspace.end": "_float",
    "logspace.start": "_float",
    "matrix_norm.dim": "tuple[_int, _int]",
    "matrix_rank.atol": "_float | None",
    "matrix_rank.rtol": "_float | None",
    "meshgrid.tensors": "Tensor | Sequence[Tensor]",
    "movedim.destination": "_Axes",
    "movedim.source": "_Axes",
    "narrow.start": "_int",
    "norm.p": "_Order | None",
    "normal_.mean": "_float",
    "normal_.std": "_float",
    "normalize.p": "_float",
    "one_hot.num_classes": "_int",
    "pinv.atol": "_float | None",
    "pinv.rtol": "_float | None",
    "random_.from_": "_int | None",
    "random_.to": "_int | None",
    "repeat_interleave.repeats": "_int | Tensor",
    "result_type.args": "_TensorLike | _AnyDType",
    "scatter.src": "_TensorLike | None",
    "scatter.value": "_Number | None",
    "searchsorted.input": "_TensorLike",
    "select.index": "_int",
    "softplus.beta": "_float",
    "elu.alpha": "_float",
    "smooth_l1_loss.beta": "_float",
    "tensordot.dims": "_int | tuple[_Axes, _Axes] | None",
    "to.args": "Tensor | _dtype | _device | str",
    "vector_norm.ord": "_float",
    "where.input": "_TensorLike",
    "where.other": "_TensorLike",
}
#: Functions whose `dim` (and `axis`) may be several axes.
for _name in "sum mean amax amin any all logsumexp count_nonzero squeeze norm linalg_norm vector_norm roll flip".split():
    PARAMETERS |= {f"{_name}.{word}": "_Axes | None" for word in ("dim", "dims", "axis")}
for _name in "var std var_mean std_mean".split():
    # A bool in the place of `dim` is `unbiased`.
    PARAMETERS |= {f"{_name}.{word}": "_Axes | None" for word in ("dim", "axis")}
for _name in "reshape view expand permute broadcast_to".split():
    PARAMETERS |= {f"{_name}.{word}": "_Axes" for word in ("dims", "shape", "size")}
for _name in ("full", "new_full"):
    PARAMETERS[f"{_name}.size"] = "_Axes"

#: Types of results that are not a Tensor.
RETURNS = {
    **dict.fromkeys(["broadcast_tensors", "chunk", "meshgrid", "split", "tensor_split", "unbind"], "tuple[Tensor, ...]"),
    **dict.fromkeys(["std_mean", "var_mean"], "tuple[Tensor, Tensor]"),
    **dict.fromkeys(["cummax", "cummin", "kthvalue", "sort", "topk"], "ValuesIndices"),
    **dict.fromkeys(["allclose", "equal", "is_floating_point", "is_grad_enabled", "is_nonzero", "is_tensor"], "_bool"),
    **dict.fromkeys(["get_num_threads", "initial_seed", "numel", "seed"], "_int"),
    **dict.fromkeys(["backward", "empty_cache", "set_default_dtype", "set_num_threads", "set_rng_state"], "None"),
    **dict.fromkeys(["get_default_dtype", "promote_types", "result_type"], "_dtype"),
    "aminmax": "_MinMax",
    "eigh": "EighResult",
    "element_op_table": "list[dict[str, Any]]",
    "grad_of": "list[Tensor | None]",
    "isa": "str",
    "manual_seed": "Generator",
    "set_recording": "_bool",
    "slogdet": "SlogdetResult",
    "svd": "SVDResult",
}

KEEP = "keepdim: _bool | None = ..., *, keepdims: _bool | None = ..."
#: Parameters and result of functions whose result depends on their arguments; the first parameter goes in front.
EXTREMES = [
    ("dim: None = ..., keepdim: _bool | None = ..., *, keepdims: _bool | None = ...", "Tensor"),
    (f"dim: _int, {KEEP}", "ValuesIndices"),
    ("*, axis: _int, keepdim: _bool | None = ..., keepdims: _bool | None = ...", "ValuesIndices"),
]
OTHERS = [("dim: Tensor", "Tensor"), ("*, other: _TensorLike", "Tensor")]
SORTED = "sorted: _bool = ..."
OVERLOADS = {
    "max": EXTREMES + OTHERS,
    "min": EXTREMES + OTHERS,
    "median": EXTREMES,
    "nonzero": [
        ("*, as_tuple: Literal[False] = ...", "Tensor"),
        ("*, as_tuple: Literal[True]", "tuple[Tensor, ...]"),
    ],
    "type": [("dtype: None = ...", "str"), ("dtype: _AnyDType", "Tensor")],
    "unique": [
        (f"{SORTED}, return_inverse: Literal[False] = ..., return_counts: Literal[False] = ..., dim: None = ...", "Tensor"),
        (f"{SORTED}, *, return_inverse: Literal[True], return_counts: Literal[False] = ..., dim: None = ...", "tuple[Tensor, Tensor]"),
        (f"{SORTED}, *, return_inverse: Literal[False] = ..., return_counts: Literal[True], dim: None = ...", "tuple[Tensor, Tensor]"),
        (f"{SORTED}, *, return_inverse: Literal[True], return_counts: Literal[True], dim: None = ...", "tuple[Tensor, Tensor, Tensor]"),
    ],
}  # fmt: skip

ROWS = {name: row for row in _core.element_op_table() for name in (row["name"], *row["aliases"])}
#: Keywords of elementwise functions that a signature of two inputs does not show.
KEYWORDS = {"add": "alpha: _Number = ...", "sub": "alpha: _Number = ...", "div": "rounding_mode: str | None = ..."}


def elementwise(name: str, first: str) -> Iterator[str]:
    row = ROWS[name.removesuffix("_")]
    several = row["arity"] == 2
    kind = "_TensorLike" if several else "Tensor"
    parameters = [first or f"input: {kind}", *(["other: _TensorLike"] if several else [])]
    if row["name"] in KEYWORDS:
        parameters += ["*", KEYWORDS[row["name"]]]
    yield f"def {name}({', '.join(parameters)}) -> Tensor: ..."


def parameter(function: str, given: inspect.Parameter) -> str:
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}.get(given.kind, "")
    kind = PARAMETERS.get(f"{function}.{given.name}") or PARAMETERS.get(given.name)
    if kind is None:
        raise KeyError(f"{function}: what type has {given.name!r}? Say so in PARAMETERS")
    default = "" if given.default is given.empty else " = ..."
    return f"{stars}{given.name}: {kind}{default}"


def plain(name: str, function: Callable[..., Any], first: str) -> Iterator[str]:
    """The declaration of a function by its own signature; `first` replaces its first parameter."""
    # An alias has the types of the function that it names.
    name_of_types = getattr(function, "__name__", name)
    name_of_types = name if name in ("where", "backward", "bool") else name_of_types
    shown: list[str] = []
    last = None
    for given in inspect.signature(function).parameters.values():
        if last == given.POSITIONAL_ONLY != given.kind:
            shown.append("/")
        if given.kind == given.KEYWORD_ONLY and last not in (given.KEYWORD_ONLY, given.VAR_POSITIONAL):
            shown.append("*")
        shown.append(first if first and not shown else parameter(name_of_types, given))
        last = given.kind
    yield f"def {name}({', '.join(shown)}) -> {RETURNS.get(name_of_types, 'Tensor')}: ..."


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
    return sorted(name for name, what in vars(_core.Tensor).items() if type(what).__name__ == "instancemethod")


def render() -> str:
    """The text of the stub."""
    names = sorted(name for name in vars(_core) if not name.startswith("__"))
    lines = [(HERE / "stub_head.pyi").read_text()]
    for name in attached():
        lines += [f"    {line}" for line in declare(name, getattr(_core.Tensor, name), method=True)]
    lines += ["", *(f"{name}: _dtype" for name in names if isinstance(getattr(_core, name), _core.dtype))]
    lines += ["default_generator: Generator", ""]
    for name in names:
        if inspect.isbuiltin(getattr(_core, name)):
            lines += declare(name, getattr(_core, name), method=False)
    lines += ["", f"__all__ = {sorted(_core.__all__)}"]
    command = ["ruff", "format", "--stdin-filename", TARGET.name, "-"]
    return subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    (HERE.parents[1] / TARGET).write_text(render())
