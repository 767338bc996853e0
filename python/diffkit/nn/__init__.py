"""Functions of neural networks by PyTorch's names; there are no modules with weights of their own.

>>> diffkit.nn.functional.relu(diffkit.tensor([-1.0, 2.0]))
tensor([0., 2.])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diffkit import Tensor
from diffkit.nn import functional

__all__ = ["Parameter", "functional"]


def Parameter(data: Tensor, requires_grad: bool = True) -> Tensor:
    """A leaf that shares memory with `data` and, unless told otherwise, requires gradients.

    >>> w = diffkit.nn.Parameter(diffkit.zeros(2))
    >>> w.requires_grad, w.is_leaf
    (True, True)
    """
    return data.detach().requires_grad_(requires_grad)


if not TYPE_CHECKING:  # type checkers find missing names themselves

    def __getattr__(name: str) -> Any:
        from diffkit._hints import missing

        raise missing("diffkit.nn", name, __all__)
