"""Tensors in files: a zip of NumPy arrays (`.npz`) and the structure that held them, as JSON. No pickles."""

from __future__ import annotations

import json
from os import PathLike
from typing import IO, TYPE_CHECKING, Any

from diffkit.errors import ArgumentError

if TYPE_CHECKING:
    import numpy

STRUCTURE = "structure"


def save(obj: Any, f: str | PathLike[str] | IO[bytes]) -> None:
    """Writes a tensor, or nested dicts, lists and tuples of tensors, numbers and strings, to a file.

    The file is an ordinary `.npz`: NumPy reads its arrays too. Gradients are not written.

    >>> import io
    >>> file = io.BytesIO()
    >>> diffkit.save({"w": diffkit.ones(2), "step": 3}, file)
    >>> _ = file.seek(0)
    >>> diffkit.load(file)
    {'w': tensor([1., 1.]), 'step': 3}
    """
    import numpy

    arrays: dict[str, numpy.ndarray[Any, Any]] = {}
    structure = json.dumps(_describe(obj, arrays))
    arrays[STRUCTURE] = numpy.frombuffer(structure.encode(), dtype=numpy.uint8)
    if hasattr(f, "write"):
        numpy.savez(f, **arrays)  # type: ignore[arg-type]
        return
    with open(f, "wb") as file:
        numpy.savez(file, **arrays)  # type: ignore[arg-type]


def load(f: str | PathLike[str] | IO[bytes]) -> Any:
    """Reads what `save` wrote; a `.npz` of somebody else becomes a dict of tensors.

    >>> import io
    >>> file = io.BytesIO()
    >>> diffkit.save([diffkit.zeros(1)], file)
    >>> _ = file.seek(0)
    >>> diffkit.load(file)
    [tensor([0.])]
    """
    import zipfile

    import numpy

    from diffkit import tensor

    try:
        with numpy.load(f, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (ValueError, EOFError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise ArgumentError(f"load: this is not a file that save() or NumPy wrote ({error})") from None
    if STRUCTURE not in arrays:
        return {name: tensor(array) for name, array in arrays.items()}
    try:
        return _build(json.loads(arrays.pop(STRUCTURE).tobytes()), arrays)
    except (ValueError, KeyError, TypeError) as error:
        raise ArgumentError(f"load: the file's structure is damaged ({error})") from None


def _describe(obj: Any, arrays: dict[str, numpy.ndarray[Any, Any]]) -> Any:
    from diffkit import Tensor

    if isinstance(obj, Tensor):
        name = f"tensor_{len(arrays)}"
        arrays[name] = obj.detach().numpy()
        return {"tensor": name, "requires_grad": obj.is_leaf and obj.requires_grad}
    if obj is None or isinstance(obj, bool | int | float | str):
        return {"value": obj}
    if isinstance(obj, dict):
        pairs = [[_describe(key, arrays), _describe(value, arrays)] for key, value in obj.items()]
        return {"dict": pairs}
    if isinstance(obj, list | tuple):
        kind = "list" if isinstance(obj, list) else "tuple"
        return {kind: [_describe(item, arrays) for item in obj]}
    found = type(obj).__name__
    raise ArgumentError(f"save: takes tensors, numbers, strings and containers of them, not {found}")


def _build(node: Any, arrays: dict[str, numpy.ndarray[Any, Any]]) -> Any:
    from diffkit import tensor

    ((kind, content),) = ((key, value) for key, value in node.items() if key != "requires_grad")
    if kind == "tensor":
        return tensor(arrays[content], requires_grad=node["requires_grad"])
    if kind == "value":
        return content
    if kind == "dict":
        return {_build(key, arrays): _build(value, arrays) for key, value in content}
    items = [_build(item, arrays) for item in content]
    return items if kind == "list" else tuple(items)
