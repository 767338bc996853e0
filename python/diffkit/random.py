"""The state of the default random generator, under the names of `torch.random`.

>>> _ = diffkit.random.manual_seed(0)
>>> with diffkit.random.fork_rng():
...     a = diffkit.rand(2)
>>> diffkit.equal(a, diffkit.rand(2))
True
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from diffkit._core import default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state

__all__ = [
    "default_generator",
    "fork_rng",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "seed",
    "set_rng_state",
]


@contextmanager
def fork_rng(*, enabled: bool = True) -> Iterator[None]:
    """Draws in the block go on from the present state, which is put back at the end.

    >>> state = diffkit.get_rng_state()
    >>> with diffkit.random.fork_rng():
    ...     x = diffkit.rand(2)
    >>> diffkit.equal(state, diffkit.get_rng_state())
    True
    """
    if not enabled:
        yield
        return
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)
