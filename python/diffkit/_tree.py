"""Nested containers of tensors: taken apart into their leaves, and put together again with others."""

from __future__ import annotations

TYPE_CHECKING = False  # checkers know this name; typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

__all__ = ["flatten", "rebuild", "walk"]


def walk(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of nested dicts, lists and tuples, with the index that leads to it: `['w'][0]`.

    None is an empty container. Anything that is not a container is a leaf.
    """
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from walk(value, f"{path}[{key!r}]")
    elif isinstance(tree, (list, tuple)):
        for i, value in enumerate(tree):
            yield from walk(value, f"{path}[{i}]")
    elif tree is not None:
        yield path, tree


def flatten(tree: Any) -> list[Any]:
    """The leaves of `tree`, in order."""
    return [leaf for _, leaf in walk(tree)]


def rebuild(tree: Any, take: Callable[[], Any]) -> Any:
    """A container like `tree`, whose leaves are what `take` gives, called once for each in order."""
    if tree is None:
        return None
    if isinstance(tree, dict):
        return {key: rebuild(value, take) for key, value in tree.items()}
    if isinstance(tree, list):
        return [rebuild(value, take) for value in tree]
    if isinstance(tree, tuple):
        values = [rebuild(value, take) for value in tree]
        return type(tree)(*values) if hasattr(tree, "_fields") else tuple(values)
    return take()
