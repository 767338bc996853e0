"""Tensors in files: `.npz`, which NumPy reads too, or `.safetensors`, which everybody reads. No pickles.

Both keep arrays by name. What held them is kept beside, as JSON: in an array of bytes of the `.npz`, in the
metadata of the `.safetensors`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, Literal, overload

from diffkit.errors import ArgumentError, DiffkitError, DTypeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffkit import Tensor

Path = str | os.PathLike[str]

#: Where the structure is kept, and how it begins.
STRUCTURE = "__diffkit__"
VERSION = 1


def save(
    obj: Any,
    f: Path | IO[bytes],
    *,
    format: Literal["npz", "safetensors"] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Writes a tensor, or nested dicts, lists and tuples of tensors, numbers and strings, to a file.

    A path that ends in `.safetensors` is written in that format, which needs `pip install safetensors`; any
    other path and every open file becomes an `.npz`, unless `format` says otherwise. The arrays in the file
    are called by their keys, joined by points: `{"layer": {"w": t}}` is read by others as `layer.w`. A tensor
    that appears twice is written once. Gradients and graphs are not written; a leaf remembers
    `requires_grad`. `metadata` are strings about the file, for `load(f, with_metadata=True)`.

    Raises ArgumentError for objects of other types, and DTypeError for a dtype that the format lacks
    (complex128 in `.safetensors`).

    >>> import io
    >>> file = io.BytesIO()
    >>> diffkit.save({"w": diffkit.ones(2), "step": 3}, file)
    >>> _ = file.seek(0)
    >>> diffkit.load(file)
    {'w': tensor([1., 1.]), 'step': 3}
    """
    chosen = format or ("safetensors" if str(f).endswith(".safetensors") else "npz")
    if chosen not in ("npz", "safetensors"):
        raise ArgumentError(f"save: format={format!r} is unknown: use 'npz' or 'safetensors'")
    facts = dict(metadata or {})
    if not all(isinstance(text, str) for pair in facts.items() for text in pair):
        raise ArgumentError("save: metadata are strings by strings; put numbers among the saved objects")
    if STRUCTURE in facts:
        raise ArgumentError(f"save: the metadata key {STRUCTURE!r} is taken")
    # Everything that can be refused is refused before a file is opened, and perhaps cleared.
    arrays, structure = _take_apart(obj)
    write = (
        _npz_writer(arrays, structure, facts) if chosen == "npz" else _safe_writer(arrays, structure, facts)
    )
    if isinstance(f, str | os.PathLike):
        with open(f, "wb") as file:
            write(file)
    else:
        write(f)


@overload
def load(f: Path | IO[bytes], *, with_metadata: Literal[False] = False) -> Any: ...
@overload
def load(f: Path | IO[bytes], *, with_metadata: Literal[True]) -> tuple[Any, dict[str, str]]: ...
def load(f: Path | IO[bytes], *, with_metadata: bool = False) -> Any:
    """Reads what `save` wrote; from others, a dict of tensors (`.npz`, `.safetensors`) or a tensor (`.npy`).

    The content tells the format, not the name. Nothing in a file is ever run: pickles, PyTorch's `.pt` among
    them, are refused. `with_metadata=True` gives the pair of the object and the file's metadata, a dict of
    strings. Named tuples come back as tuples.

    Raises ArgumentError for a file that is damaged or something else (the checksums of `.npz` find every
    change; `.safetensors` has none), and DTypeError for elements that tensors cannot hold.

    >>> import io
    >>> file = io.BytesIO()
    >>> diffkit.save([diffkit.zeros(1)], file, metadata={"model": "A"})
    >>> _ = file.seek(0)
    >>> diffkit.load(file, with_metadata=True)
    ([tensor([0.])], {'model': 'A'})
    """
    if isinstance(f, str | os.PathLike):
        with open(f, "rb") as file:
            found = _read(file, f)
    else:
        found = _read(f if f.seekable() else BytesIO(f.read()), None)
    return found if with_metadata else found[0]


def _read(file: IO[bytes], path: Path | None) -> tuple[Any, dict[str, str]]:
    start = file.tell()
    head = file.read(9)
    file.seek(start)
    try:
        if head.startswith(b"PK"):
            return _read_npz(file)
        if head.startswith(b"\x93NUMPY"):
            return _read_npy(file), {}
        if head[8:] == b"{":
            return _read_safe(file, path)
    except (DiffkitError, ImportError, OSError, MemoryError):
        raise
    except Exception as error:  # parsers of other people's formats fail in many ways
        raise ArgumentError(f"load: the file is damaged ({type(error).__name__}: {error})") from error
    if head.startswith(b"\x80"):
        raise ArgumentError("load: this is a pickle, which could run anything; save as .safetensors instead")
    raise ArgumentError("load: this is neither .npz nor .npy nor .safetensors, or it is damaged")


# ---- .npz ----


def _npz_writer(
    arrays: dict[str, NDArray[Any]], structure: Any, metadata: dict[str, str]
) -> Callable[[IO[bytes]], None]:
    import zipfile

    import numpy

    text = json.dumps({"version": VERSION, "structure": structure, "metadata": metadata})
    arrays = {**arrays, STRUCTURE: numpy.frombuffer(text.encode(), dtype=numpy.uint8)}

    def write(file: IO[bytes]) -> None:
        # Not numpy.savez: it has no room for arrays that are called `file`. Without dates, so that equal
        # objects make equal files.
        with zipfile.ZipFile(file, "w") as archive:
            for name, array in arrays.items():
                with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                    numpy.lib.format.write_array(member, array, allow_pickle=False)

    return write


def _read_npz(file: IO[bytes]) -> tuple[Any, dict[str, str]]:
    import zipfile

    import numpy

    with zipfile.ZipFile(file) as archive:
        members = archive.namelist()
        pickles = [name for name in members if name.endswith(".pkl")]
        if pickles:
            raise ArgumentError(
                f"load: {pickles[0]} is a pickle, which could run anything; PyTorch's files can be saved as "
                ".safetensors instead"
            )

        def read(name: str) -> NDArray[Any]:
            with archive.open(f"{name}.npy") as member:
                array: NDArray[Any] = numpy.lib.format.read_array(member, allow_pickle=False)
                while member.read(1 << 20):  # up to the end, where the checksum is compared
                    pass
                return array

        if f"{STRUCTURE}.npy" not in members:
            names = [name.removesuffix(".npy") for name in members if name.endswith(".npy")]
            if len(names) < len(members) or not names:
                raise ArgumentError("load: this zip file is no .npz: it holds other things than arrays")
            return {name: _tensor(name, read(name)) for name in names}, {}
        document = json.loads(read(STRUCTURE).tobytes())
        return _put_together(document, read), dict(document["metadata"])


def _read_npy(file: IO[bytes]) -> Tensor:
    import numpy

    return _tensor("the array", numpy.load(file, allow_pickle=False))


# ---- .safetensors ----


def _safetensors() -> Any:
    try:
        return import_module("safetensors.numpy")
    except ImportError as error:
        raise ImportError("files of the format .safetensors need: pip install safetensors") from error


def _safe_writer(
    arrays: dict[str, NDArray[Any]], structure: Any, metadata: dict[str, str]
) -> Callable[[IO[bytes]], None]:
    library = _safetensors()
    for name, array in arrays.items():
        if array.dtype == "complex128":
            raise DTypeError(
                f"save: {name!r} is complex128, which .safetensors lacks; use .npz, or convert to complex64"
            )
    document = json.dumps({"version": VERSION, "structure": structure})
    content = library.save(arrays, {**metadata, STRUCTURE: document})

    def write(file: IO[bytes]) -> None:
        file.write(content)

    return write


def _read_safe(file: IO[bytes], path: Path | None) -> tuple[Any, dict[str, str]]:
    library = _safetensors()
    if path is not None:  # one tensor after the other; the whole is never in memory twice
        with library.safe_open(path, framework="numpy") as opened:

            def read(name: str) -> NDArray[Any]:
                try:
                    array: NDArray[Any] = opened.get_tensor(name)
                except (AttributeError, TypeError):  # NumPy has no such dtype
                    raise _unheld(name, opened.get_slice(name).get_dtype()) from None
                return array

            return _restored(opened.keys(), opened.metadata() or {}, read)
    content = file.read()
    try:
        arrays = library.load(content)
    except KeyError as error:
        raise _unheld("a tensor", error.args[0]) from None
    # The library has checked the header, and keeps the metadata in it to itself.
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return _restored(arrays, header.get("__metadata__", {}), arrays.__getitem__)


def _restored(
    names: Iterable[str], metadata: dict[str, str], read: Callable[[str], NDArray[Any]]
) -> tuple[Any, dict[str, str]]:
    structure = metadata.pop(STRUCTURE, None)
    if structure is None:
        return {name: _tensor(name, read(name)) for name in names}, metadata
    return _put_together(json.loads(structure), read), metadata


# ---- containers ----


def _take_apart(obj: Any) -> tuple[dict[str, NDArray[Any]], Any]:
    """The arrays in `obj` by name, and the JSON that says where they were."""
    from numpy import generic

    from diffkit import Tensor

    arrays: dict[str, NDArray[Any]] = {}
    names: dict[int, str] = {}

    def describe(obj: Any, path: str) -> Any:
        if isinstance(obj, Tensor):
            if id(obj) not in names:
                names[id(obj)] = name = _unused(path or "tensor", arrays)
                arrays[name] = obj.detach().contiguous().numpy()
            return {"tensor": names[id(obj)], "requires_grad": obj.is_leaf and obj.requires_grad}
        if isinstance(obj, generic):
            obj = obj.item()
        if obj is None or isinstance(obj, bool | int | float | str):
            return {"value": obj}
        if isinstance(obj, complex):
            return {"complex": [obj.real, obj.imag]}
        below = f"{path}." if path else ""
        if isinstance(obj, dict):
            return {
                "dict": [[describe(k, f"{below}key"), describe(v, f"{below}{k}")] for k, v in obj.items()]
            }
        if isinstance(obj, list | tuple):
            kind = "list" if isinstance(obj, list) else "tuple"
            return {kind: [describe(item, f"{below}{i}") for i, item in enumerate(obj)]}
        where = f" at {path}" if path else ""
        found = type(obj).__name__
        raise ArgumentError(
            f"save: takes tensors, numbers, strings and containers of them, not {found}{where}"
        )

    try:
        return arrays, describe(obj, "")
    except RecursionError:
        raise ArgumentError("save: nested too deeply (a container that contains itself?)") from None


def _unused(name: str, taken: Mapping[str, object]) -> str:
    """`name`, or `name` with a number, such that it is not taken."""
    if name in (STRUCTURE, "__metadata__"):
        name += "_"
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


def _put_together(document: Any, read: Callable[[str], NDArray[Any]]) -> Any:
    """The containers that `document` tells of, filled with the arrays that `read` finds."""
    version = document["version"]
    if version != VERSION:
        raise ArgumentError(
            f"load: the file is of version {version}, made by a newer diffkit; update diffkit"
        )
    tensors: dict[str, Tensor] = {}

    def build(node: Any) -> Any:
        if "tensor" in node:
            name = node["tensor"]
            if name not in tensors:
                tensors[name] = _tensor(name, read(name), bool(node["requires_grad"]))
            return tensors[name]
        ((kind, content),) = node.items()
        if kind == "value":
            return content
        if kind == "complex":
            return complex(*content)
        if kind == "dict":
            return {build(key): build(value) for key, value in content}
        if kind in ("list", "tuple"):
            items = [build(item) for item in content]
            return items if kind == "list" else tuple(items)
        raise ValueError(f"a container of kind {kind!r}")

    return build(document["structure"])


def _tensor(name: str, array: NDArray[Any], requires_grad: bool = False) -> Tensor:
    from diffkit import tensor

    try:
        return tensor(array, requires_grad=requires_grad)
    except (TypeError, ValueError):
        raise _unheld(name, array.dtype) from None


def _unheld(name: str, dtype: Any) -> DTypeError:
    return DTypeError(
        f"load: {name} has elements of type {dtype}, which tensors cannot hold; convert the file"
    )
