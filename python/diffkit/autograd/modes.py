"""Recording on and off, for a block or for a function."""

from __future__ import annotations

from _thread import get_ident

from diffkit._core import set_recording
from diffkit.errors import DTypeError

__all__ = ["GradMode", "enable_grad", "inference_mode", "no_grad", "set_grad_enabled"]

TYPE_CHECKING = False  # checkers know this name; typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import TracebackType
    from typing import Any, ParamSpec, TypeVar, overload

    P = ParamSpec("P")
    R = TypeVar("R")

# Of a code object's flags; the module inspect, which names them, is slow to import.
GENERATOR, COROUTINE, ASYNC_GENERATOR = 0x20, 0x80, 0x200


class GradMode:
    """Recording on or off inside a `with` block, or while a decorated function runs; restored after it.

    Belongs to the thread that enters it. One object may be entered again while it is entered.
    """

    __slots__ = ("_before", "_name", "_on")

    def __init__(self, name: str, on: bool) -> None:
        self._name = name
        self._on = on
        self._before: dict[int, list[bool]] = {}

    def __enter__(self) -> None:
        self._before.setdefault(get_ident(), []).append(set_recording(self._on))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        me = get_ident()
        before = self._before[me]
        set_recording(before.pop())
        if not before:
            del self._before[me]

    def __call__(self, fn: Callable[P, R]) -> Callable[P, R]:
        """`fn`, run in this mode; a generator runs in it between its yields."""
        flags = getattr(getattr(fn, "__code__", None), "co_flags", 0)
        if isinstance(fn, type) or not callable(fn) or flags & (COROUTINE | ASYNC_GENERATOR):
            what = "an asynchronous function" if flags else repr(fn)
            raise DTypeError(
                f"{self._name}: cannot decorate {what}; use `with {self._name}():` where it runs"
            )
        wrapped = self._around_steps(fn) if flags & GENERATOR else self._around_call(fn)
        from functools import update_wrapper

        done: Callable[P, R] = update_wrapper(wrapped, fn)
        return done

    def _around_call(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self:
                return fn(*args, **kwargs)

        return wrapped

    def _around_steps(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            steps = fn(*args, **kwargs)
            resume, value = steps.send, None
            while True:
                try:
                    with self:
                        produced = resume(value)
                except StopIteration as stop:
                    return stop.value
                try:
                    resume, value = steps.send, (yield produced)
                except GeneratorExit:
                    with self:
                        steps.close()
                    raise
                except BaseException as error:
                    resume, value = steps.throw, error

        return wrapped


def _switch(name: str, mode: bool) -> bool:
    if not isinstance(mode, bool):
        raise DTypeError(f"{name}: mode is True or False, got {type(mode).__name__}")
    return mode


class set_grad_enabled(GradMode):
    """Recording on or off from here on; as a `with` block or a decorator, only inside it.

    >>> with diffkit.set_grad_enabled(False):
    ...     diffkit.is_grad_enabled()
    False
    >>> diffkit.is_grad_enabled()
    True
    """

    __slots__ = ("_first",)

    def __init__(self, mode: bool) -> None:
        super().__init__("set_grad_enabled", _switch("set_grad_enabled", mode))
        # What the call itself has changed is what leaving the block must restore.
        self._first: list[bool] = [set_recording(self._on)]

    def __enter__(self) -> None:
        super().__enter__()
        if self._first:
            self._before[get_ident()][-1] = self._first.pop()

    def __call__(self, fn: Callable[P, R]) -> Callable[P, R]:
        if self._first:
            set_recording(self._first.pop())
        return super().__call__(fn)


if TYPE_CHECKING:

    @overload
    def no_grad() -> GradMode: ...
    @overload
    def no_grad(fn: Callable[P, R]) -> Callable[P, R]: ...


def no_grad(fn: Callable[P, R] | None = None) -> GradMode | Callable[P, R]:
    """Records no operations inside a `with` block, or in a decorated function; results need no gradients.

    >>> x = diffkit.ones(2, requires_grad=True)
    >>> with diffkit.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """
    mode = GradMode("no_grad", False)
    return mode if fn is None else mode(fn)


if TYPE_CHECKING:

    @overload
    def enable_grad() -> GradMode: ...
    @overload
    def enable_grad(fn: Callable[P, R]) -> Callable[P, R]: ...


def enable_grad(fn: Callable[P, R] | None = None) -> GradMode | Callable[P, R]:
    """Records operations inside a `with` block or in a decorated function, also where recording is off.

    >>> x = diffkit.ones(2, requires_grad=True)
    >>> with diffkit.no_grad(), diffkit.enable_grad():
    ...     y = x * 2
    >>> y.requires_grad
    True
    """
    mode = GradMode("enable_grad", True)
    return mode if fn is None else mode(fn)


def inference_mode(mode: bool = True) -> GradMode:
    """`no_grad` by the name that PyTorch gives to running a trained model; `mode=False` is `enable_grad`.

    >>> with diffkit.inference_mode():
    ...     diffkit.is_grad_enabled()
    False
    """
    return GradMode("inference_mode", not _switch("inference_mode", mode))
