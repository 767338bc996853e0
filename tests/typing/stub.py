"""Writes the type stub of `diffkit._core` from the signatures that the module has at run time.

Run it after a change of the Rust bindings: `python tests/typing/stub.py`. What signatures do not say, the types,
is said here once: by the name of the parameter, for a function and the method that is the same function. Classes
are declared in stub_head.txt.
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

#: Names of parameters by type; "function.parameter" goes before "parameter".
TYPES = {
    "Tensor": """
        a b batch1 batch2 condition count end index indices input mask mat mat1 mat2 new_state other
        prob sorted_sequence source target tensor tensor1 tensor2 values vec vec2 x x1 x2 y
        linear.weight
    """,
    "Tensor | None": "append bias gradient pos_weight prepend weight weights",
    "_Number | Tensor": "alpha beta fill_value step value",
    "_TensorLike": """
        elements mean q src start std test_elements bernoulli_.p fill_.value lerp.weight
        lerp_.weight linspace.end searchsorted.input where.input where.other
    """,
    "_TensorLike | None": "max min stop arange.end arange.step scatter.src",
    "_int | None": """
        axis dim high low m num num_classes linspace.steps random_.from_ random_.to
    """,
    "_int": """
        chunks col diagonal dim0 dim1 dim2 draws end_dim ignore_index k length minlength n
        num_samples offset row seed start_dim steps total narrow.start one_hot.num_classes
        select.index
    """,
    "_Axes": """
        args destination normalized_shape repeats shifts split_size_or_sections broadcast_to.dims
        broadcast_to.shape broadcast_to.size expand.dims expand.shape expand.size full.size
        movedim.source new_full.size permute.dims permute.shape permute.size reshape.dims
        reshape.shape reshape.size view.dims view.shape view.size
    """,
    "_Axes | None": """
        dims shape size all.axis all.dim amax.axis amax.dim amin.axis amin.dim any.axis any.dim
        count_nonzero.axis count_nonzero.dim flip.axis flip.dim linalg_norm.axis linalg_norm.dim
        logsumexp.axis logsumexp.dim mean.axis mean.dim norm.axis norm.dim repeat.repeats roll.axis
        roll.dim squeeze.axis squeeze.dim std.axis std.dim std_mean.axis std_mean.dim sum.axis
        sum.dim var.axis var.dim var_mean.axis var_mean.dim vector_norm.axis vector_norm.dim
    """,
    "_bool | None": "copy keepdim keepdims retain_graph unbiased",
    "_bool": """
        accumulate as_tuple assume_unique create_graph descending equal_nan full_matrices invert
        largest log_target non_blocking on out_int32 replacement requires_grad return_counts
        return_inverse right sorted stable training upper
    """,
    "_float": """
        atol base delta eps from_ label_smoothing lambd max_val min_val negative_slope rtol
        threshold to cdist.p cov.correction dist.p dropout.p elu.alpha logspace.end logspace.start
        normal_.mean normal_.std normalize.p smooth_l1_loss.beta softplus.beta vector_norm.ord
    """,
    "_float | None": """
        correction nan neginf p posinf matrix_rank.atol matrix_rank.rtol pinv.atol pinv.rtol
    """,
    "str": "UPLO equation interpolation reduction",
    "str | None": "indexing side",
    "Any": "array data obj from_dlpack.x",
    "_AnyDType": "d type1 type2",
    "Sequence[Tensor | None] | None": "grad_outputs",
    "Sequence[Tensor]": """
        inputs operands outputs tensors index_put.indices index_put_.indices
    """,
    "_AnyDevice": "device",
    "_AnyDType | None": "dtype",
    "Generator | None": "generator",
    "_Axes | Tensor": "indices_or_sections",
    "_Order | None": "ord norm.p",
    "Sequence[Tensor] | None": "backward.inputs",
    "Tensor | Sequence[Tensor]": """
        broadcast_tensors.tensors einsum.operands meshgrid.tensors
    """,
    "tuple[_int, _int]": "matrix_norm.dim",
    "_int | Tensor": "repeat_interleave.repeats",
    "_TensorLike | _AnyDType": "result_type.args",
    "_Number | None": "scatter.value",
    "_int | tuple[_Axes, _Axes] | None": "tensordot.dims",
    "Tensor | _dtype | _device | str": "to.args",
}
PARAMETERS = {name: kind for kind, names in TYPES.items() for name in names.split()}

#: Functions by the type of their result, where that is not a Tensor.
RESULTS = {
    "tuple[Tensor, ...]": "broadcast_tensors chunk meshgrid split tensor_split unbind",
    "tuple[Tensor, Tensor]": "std_mean var_mean",
    "ValuesIndices": "cummax cummin kthvalue sort topk",
    "_bool": "allclose equal is_floating_point is_grad_enabled is_nonzero is_tensor set_recording",
    "_int": "get_num_threads initial_seed numel seed",
    "None": "backward empty_cache set_default_dtype set_num_threads set_rng_state",
    "_dtype": "get_default_dtype promote_types result_type",
    "_MinMax": "aminmax",
    "EighResult": "eigh",
    "list[dict[str, Any]]": "element_op_table",
    "list[Tensor | None]": "grad_of",
    "str": "isa",
    "Generator": "manual_seed",
    "SlogdetResult": "slogdet",
    "SVDResult": "svd",
}
RETURNS = {name: kind for kind, names in RESULTS.items() for name in names.split()}

KEEP = "keepdim: _bool | None = ..., *, keepdims: _bool | None = ..."
#: Parameters and result of functions whose result depends on their arguments; the first parameter goes in front.
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
    "type": [("dtype: None = ...", "str"), ("dtype: _AnyDType", "Tensor")],
    "unique": [
        (
            f"sorted: _bool = ..., {keyword} return_inverse: {inverse}, return_counts: {counts}, dim: None = ...",
            result,
        )
        for keyword, inverse, counts, result in (
            ("", "Literal[False] = ...", "Literal[False] = ...", "Tensor"),
            ("*,", "Literal[True]", "Literal[False] = ...", "tuple[Tensor, Tensor]"),
            ("*,", "Literal[False] = ...", "Literal[True]", "tuple[Tensor, Tensor]"),
            ("*,", "Literal[True]", "Literal[True]", "tuple[Tensor, Tensor, Tensor]"),
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
    members = vars(_core.Tensor).items()
    return sorted(name for name, what in members if type(what).__name__ == "instancemethod")


def render() -> str:
    """The text of the stub."""
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
    command = ["ruff", "format", "--stdin-filename", TARGET.name, "-"]
    return subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    (HERE.parents[1] / TARGET).write_text(render())
