"""What to say when somebody asks for a name that diffkit does not have."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from diffkit.errors import MissingNameError

#: PyTorch's names for what diffkit spells differently or does elsewhere.
INSTEAD = {
    "FloatTensor": "tensor(..., dtype=diffkit.float32)",
    "LongTensor": "tensor(..., dtype=diffkit.int64)",
    "as_tensor": "asarray",
    "concatenate": "cat",
    "cuda": "to('cpu') (the CPU is the only device)",
    "unsqueeze_": "unsqueeze",
}


def missing(owner: str, name: str, existing: Iterable[str]) -> MissingNameError:
    """The error for `owner.name`, with the nearest name that exists."""
    names = [other for other in existing if not other.startswith("_")]
    hint = None
    if owner.endswith("Tensor") and name.startswith("grad_") and name[5:] in names:
        hint = f"x.grad.{name[5:]}()"
    elif name in INSTEAD and INSTEAD[name] in names:
        hint = INSTEAD[name]
    else:
        close = get_close_matches(name, names, n=1, cutoff=0.6)
        hint = close[0] if close else None
    message = f"{owner} has no {name!r}"
    return MissingNameError(f"{message}; did you mean {hint!r}?" if hint else message, name=name)


def missing_attribute(tensor: object, name: str) -> MissingNameError:
    """The error for an attribute that tensors do not have."""
    return missing("diffkit.Tensor", name, dir(type(tensor)))
