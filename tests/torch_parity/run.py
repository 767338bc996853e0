"""Running one call in both libraries, and comparing what comes out."""

from __future__ import annotations

import ast
import functools
import math
from collections.abc import Callable

import numpy as np
import pytest

import diffkit
from diffkit.errors import DiffkitError

from .meant import is_meant
from .spec import COMPLEX, DRAWN, FLOATS, Input, Spec

torch = pytest.importorskip("torch")

LIBRARIES = (torch, diffkit)

#: Ways for the same elements to lie in memory.
LAYOUTS = ("contiguous", "transposed", "stepped", "offset", "expanded")


def laid_out(layout: str, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, object]:
    """(elements, the array to start from, the view of it that has these elements)."""
    if layout == "transposed":
        return values, np.ascontiguousarray(values.T), lambda t: t.permute(*range(t.ndim)[::-1])
    if layout == "stepped":
        return values, np.repeat(values, 2, axis=-1), lambda t: t[..., ::2]
    if layout == "offset":
        return values, np.concatenate([values[:1], values]), lambda t: t[1:]
    if layout == "expanded":
        values = np.broadcast_to(values[:1], values.shape).copy()
        return values, values[:1], lambda t: t.expand(values.shape)
    return values, values, lambda t: t


def has_layout(layout: str, shape: tuple[int, ...]) -> bool:
    if layout == "contiguous":
        return True
    if not shape or 0 in shape:
        return False
    return len(shape) > 1 or layout != "transposed"


def tensor(library: object, values: np.ndarray) -> object:
    return library.from_numpy(np.array(values))


@functools.cache
def compiled(text: str) -> object:
    return compile(text, text, "eval")


#: What argument lists may name beside inputs and the library.
NAMES = {"inf": math.inf, "nan": math.nan, "pi": math.pi, "np": np}


def function(library: object, spec: Spec) -> object:
    if spec.home == "method":
        return None
    if spec.home == "functional":
        return getattr(library.nn.functional, spec.name)
    place = library if spec.home == "top" else getattr(library, spec.home)
    return getattr(place, spec.name)


def is_in(library: object, spec: Spec) -> bool:
    if spec.home in ("method", "attribute"):
        return hasattr(library.Tensor, spec.name)
    return outcome(lambda: function(library, spec))[1] is None


def is_shared(spec: Spec) -> bool:
    return all(is_in(library, spec) for library in LIBRARIES)


def called(library: object, spec: Spec, call: str, inputs: dict[str, object]) -> object:
    if spec.home == "method":
        return as_method(library, spec.name, call, inputs)
    if spec.home == "attribute":
        return getattr(inputs[call], spec.name)
    names = {**NAMES, **inputs, "t": library, "f": function(library, spec)}
    return eval(compiled(f"f({call})"), names)


@functools.cache
def receiver_and_rest(call: str) -> tuple[str, str]:
    """The first argument of a call, and the others."""
    text = f"f({call})"
    end = ast.parse(text, mode="eval").body.args[0].end_col_offset
    return text[2:end], text[end:-1].lstrip(", ")


def as_method(library: object, name: str, call: str, inputs: dict[str, object]) -> object:
    """The call with its first argument as the receiver."""
    receiver, rest = receiver_and_rest(call)
    names = {**NAMES, **inputs, "t": library}
    return eval(compiled(f"({receiver}).{name}({rest})"), names)


def outcome(run: object) -> tuple[object, Exception | None]:
    try:
        return run(), None
    except Exception as error:
        return None, error


# ---- comparing ----


def name_of(dtype: object) -> str:
    return str(dtype).rpartition(".")[2]


def array_of(value: object) -> np.ndarray:
    return value.detach().numpy(force=True) if isinstance(value, torch.Tensor) else value.detach().numpy()


def differences(ours: object, theirs: object, spec: Spec, path: str = "result") -> list[str]:
    """What is wrong with `ours`, in words."""
    if isinstance(theirs, torch.Tensor):
        return tensor_differences(ours, theirs, spec, path)
    if isinstance(theirs, (tuple, list)) and not isinstance(theirs, torch.Size):
        if not isinstance(ours, (tuple, list)) or len(ours) != len(theirs):
            parts = f"of {len(ours)} parts" if isinstance(ours, (tuple, list)) else "alone"
            return [f"{path}: {type(ours).__name__} {parts}, not of {len(theirs)}"]
        found = []
        for i, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            found += differences(one, other, spec, f"{path}[{i}]")
        for field in field_names(theirs):
            place = next(i for i, part in enumerate(theirs) if part is getattr(theirs, field))
            if getattr(ours, field, None) is not ours[place]:
                found.append(f"{path} has no {field}")
        return found
    if isinstance(theirs, torch.dtype):
        return [] if name_of(ours) == name_of(theirs) else [f"{path}: {ours}, not {theirs}"]
    if isinstance(theirs, float):
        return (
            [] if np.isclose(ours, theirs, rtol=1e-12, equal_nan=True) else [f"{path}: {ours}, not {theirs}"]
        )
    return [] if ours == theirs else [f"{path}: {ours!r}, not {theirs!r}"]


def field_names(result: object) -> list[str]:
    """The names of PyTorch's named results."""
    if type(result).__module__ != "torch.return_types":
        return []
    ignored = {"count", "index", "n_fields", "n_sequence_fields", "n_unnamed_fields"}
    return [name for name in dir(type(result)) if not name.startswith("_") and name not in ignored]


def tensor_differences(ours: object, theirs: torch.Tensor, spec: Spec, path: str) -> list[str]:
    if not isinstance(ours, diffkit.Tensor):
        return [f"{path}: {type(ours).__name__}, not a tensor"]
    found = []
    if name_of(ours.dtype) != name_of(theirs.dtype):
        found.append(f"{path}: dtype {name_of(ours.dtype)}, not {name_of(theirs.dtype)}")
    if tuple(ours.shape) != tuple(theirs.shape):
        return [*found, f"{path}: shape {tuple(ours.shape)}, not {tuple(theirs.shape)}"]
    if ours.requires_grad != theirs.requires_grad:
        found.append(f"{path}: requires_grad {ours.requires_grad}, not {theirs.requires_grad}")
    if spec.values and not found:
        found += value_differences(array_of(ours), array_of(theirs), spec, path)
    return found


def value_differences(ours: np.ndarray, theirs: np.ndarray, spec: Spec, path: str) -> list[str]:
    kind = theirs.dtype.name
    if kind not in FLOATS + COMPLEX:
        return [] if np.array_equal(ours, theirs) else [f"{path}: {ours.tolist()}, not {theirs.tolist()}"]
    precision = np.finfo(kind).eps * spec.tolerance
    with np.errstate(all="ignore"):
        same = np.isclose(ours, theirs, rtol=precision, atol=precision, equal_nan=True)
    if same.all():
        return []
    at = tuple(np.argwhere(~same)[0])
    return [f"{path}{list(map(int, at))}: {ours[at]!r}, not {theirs[at]!r}"]


# ---- one case ----


class Case:
    """Inputs of one call, made alike in both libraries."""

    def __init__(self, spec: Spec, call: str, row: dict[str, Input], dtype: str, layout: str = "contiguous"):
        self.spec, self.call, self.layout, self.dtype = spec, call, layout, dtype
        self.row = row
        rng = spec.seeded(call, sorted(row), dtype, layout, [one.shape for one in row.values()])
        self.arrays = {}
        for letter, one in sorted(row.items()):
            used = layout if has_layout(layout, one.shape) else "contiguous"
            if used == "expanded" and one.kind not in ("number", "float", "mask", "index"):
                used = "contiguous"
            self.arrays[letter] = laid_out(used, one.draw(rng, dtype))

    def __str__(self) -> str:
        shapes = ", ".join(f"{k} {v.shape}" for k, v in self.row.items())
        return f"{self.spec.name}({self.call}) for {shapes}, {self.dtype}, {self.layout}"

    def inputs(self, library: object) -> dict[str, object]:
        return {k: view(tensor(library, base)) for k, (_, base, view) in self.arrays.items()}

    def leaves(self, library: object, letters: list[str]) -> tuple[dict[str, object], list[object]]:
        """Inputs of which these require gradients, and the tensors that these are views of."""
        inputs, leaves = {}, []
        for letter, (_, base, view) in self.arrays.items():
            start = tensor(library, base)
            if letter in letters:
                leaves.append(start.requires_grad_())
            inputs[letter] = view(start)
        return inputs, leaves

    # ---- ways of running it ----

    def called(self, library: object) -> object:
        return called(library, self.spec, self.call, self.inputs(library))

    def as_method(self, library: object) -> object:
        return as_method(library, self.spec.name, self.call, self.inputs(library))

    def in_place(self, library: object) -> object:
        return self.changed(library, self.inputs(library))

    def gradients(self, library: object) -> object:
        return gradients(library, self, lambda inputs: called(library, self.spec, self.call, inputs))

    def in_place_gradients(self, library: object) -> object:
        return gradients(library, self, lambda inputs: self.changed(library, inputs))

    def changed(self, library: object, inputs: dict[str, object]) -> object:
        """A copy of the first argument, changed by `name_`."""
        letter = receiver_and_rest(self.call)[0]
        changed = inputs[letter].clone()
        result = as_method(library, self.spec.name + "_", self.call, {**inputs, letter: changed})
        assert result is changed
        return result


def compare(case: Case, run: Callable[[object], object]) -> list[str]:
    """How `run` differs in the two libraries; where PyTorch raises, any result or clear error will do."""
    theirs, refused = outcome(lambda: run(torch))
    ours, error = outcome(lambda: run(diffkit))
    if refused is not None:
        found = [] if error is None or is_clear(error) else [repr(error)]
    elif error is not None:
        found = [f"raised {type(error).__name__}: {error}"]
    else:
        found = differences(ours, theirs, case.spec)
    found = [f"{case}: {what}" for what in found]
    return [what for what in found if not is_meant(what)]


def is_clear(error: Exception) -> bool:
    """Errors are diffkit's own, or Python's about how a function is called."""
    return isinstance(error, (DiffkitError, TypeError))


def tensors_in(result: object) -> list[object]:
    if isinstance(result, (torch.Tensor, diffkit.Tensor)):
        return [result]
    return [t for part in result for t in tensors_in(part)] if isinstance(result, (tuple, list)) else []


def gradients(library: object, case: Case, run: Callable[[dict[str, object]], object]) -> tuple[object, list]:
    """The result, and the gradients by all drawn inputs for random weights of the outputs."""
    letters = [k for k in sorted(case.row) if case.row[k].kind in DRAWN and k in case.call]
    inputs, leaves = case.leaves(library, letters)
    result = run(inputs)
    rng = case.spec.seeded("weights", case.call)
    outputs, weights = [], []
    for out in tensors_in(result):
        # Drawn for every output, so that both libraries have the same for each.
        drawn = rng.uniform(0.5, 2, (2, *out.shape))
        drawn = drawn[0] + 1j * drawn[1] if "complex" in name_of(out.dtype) else drawn[0]
        if out.requires_grad:
            outputs.append(out)
            weights.append(tensor(library, np.asarray(drawn)))
    if not outputs:
        return result, []
    found = library.autograd.grad(outputs, leaves, weights, allow_unused=True)
    return result, [library.zeros_like(x) if g is None else g for g, x in zip(found, leaves, strict=True)]
