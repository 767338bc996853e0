"""Transforms: from a function to the function that computes its derivative.

The functions that are transformed take and return tensors, or nested dicts, lists and tuples of tensors, and
may use any Python: what is differentiated is the path that was taken. Transforms nest to any order.

>>> diffkit.grad(lambda x: (x**3).sum())(diffkit.tensor([1.0, 2.0]))
tensor([ 3., 12.])
>>> slope = diffkit.grad(lambda x: x * x * x)
>>> diffkit.grad(slope)(2.0)
tensor(12.)
"""

from __future__ import annotations

from _collections_abc import Sequence  # without the rest of collections

from diffkit._core import (
    Node,
    Tensor,
    grad_of,
    is_grad_enabled,
    stack,
    tensor,
    zeros,
    zeros_like,
)
from diffkit._tree import flatten, rebuild, walk
from diffkit.autograd import enable_grad
from diffkit.errors import ArgumentError, DTypeError, ShapeError

__all__ = ["grad", "hessian", "hvp", "jacobian", "jacrev", "value_and_grad", "vjp"]

TYPE_CHECKING = False  # checkers know this name; typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    Layout = Literal["numerator", "denominator"]
Argnums = int | Sequence[int]


class _Call:
    """One call of a function on inputs of its own, recorded so that its results can be differentiated.

    An input is a copy apart from the caller's tensor; where that tensor is itself being differentiated, by a
    transform around this one or by `backward` later, the copy stays connected to it.
    """

    def __init__(self, op: str, fn: Callable[..., Any], args: tuple[Any, ...], argnums: Argnums) -> None:
        self.op = op
        self.recording = is_grad_enabled()
        self.single = isinstance(argnums, int)
        places = _places(op, argnums, len(args))
        self.chosen = [args[i] for i in places]
        self.inputs: list[Tensor] = []
        inner = list(args)
        for i in places:
            copies = iter([self._input(leaf, f"{i}{path}") for path, leaf in walk(args[i])])
            inner[i] = rebuild(args[i], copies.__next__)
        self.fn, self.args = fn, inner

    def run(self, kwargs: dict[str, Any], has_aux: bool) -> tuple[Any, Any]:
        """The result and the auxiliary result, or None for that."""
        with enable_grad():
            result = self.fn(*self.args, **kwargs)
        if not has_aux:
            return result, None
        if not isinstance(result, tuple) or len(result) != 2:
            raise DTypeError(
                f"{self.op}: with has_aux=True the function must return a pair (result, aux), "
                f"not {_described(result)}"
            )
        return result[0], self.apart(result[1])

    def _input(self, leaf: Any, place: str) -> Tensor:
        with enable_grad():
            if isinstance(leaf, float):
                made = tensor(leaf).requires_grad_()
            elif not isinstance(leaf, Tensor) or not leaf.dtype.is_floating_point:
                raise DTypeError(
                    f"{self.op}: argument {place} is {_described(leaf)}: derivatives are with respect to "
                    "floating-point tensors or Python floats; convert it, or leave it out of argnums"
                )
            elif leaf.requires_grad and self.recording:
                made = leaf.clone()
            else:
                made = leaf.detach().requires_grad_()
        self.inputs.append(made)
        return made

    def lasts(self, results: list[Tensor]) -> bool:
        """Whether the results can be differentiated by somebody else: then derivatives are recorded too."""
        if not self.recording:
            return False
        if any(made.grad_fn is not None for made in self.inputs):
            return True
        return _depends_on_others(results, self.inputs)

    def apart(self, tree: Any) -> Any:
        """`tree` as the caller may have it: without the history that ends in this call's own inputs."""
        leaves = iter(
            [
                leaf.detach()
                if isinstance(leaf, Tensor) and leaf.requires_grad and not self.lasts([leaf])
                else leaf
                for leaf in flatten(tree)
            ]
        )
        return rebuild(tree, leaves.__next__)

    def slopes(
        self, results: list[Tensor], weights: list[Tensor | None], keep: bool, record: bool
    ) -> list[Tensor | None]:
        """The derivatives by each input; None where no result depends on it."""
        live = [i for i, result in enumerate(results) if result.requires_grad]
        if not live or not self.inputs:
            return [None] * len(self.inputs)
        outputs, seeds = [results[i] for i in live], [weights[i] for i in live]
        return list(grad_of(outputs, self.inputs, seeds, keep or record, record))

    def arranged(self, derivatives: list[Tensor]) -> Any:
        """One derivative per input, in the containers of the chosen arguments."""
        trees = rebuild(self.chosen, iter(derivatives).__next__)
        return trees[0] if self.single else tuple(trees)


def value_and_grad(
    fn: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    layout: Layout | None = None,
) -> Callable[..., Any]:
    """The function that returns `(value, gradient)`, computed together; see `grad` for the arguments.

    With `has_aux`, `fn` returns `(value, aux)` and the result is `((value, aux), gradient)`.

    >>> value, slope = diffkit.value_and_grad(lambda x: (x * x).sum())(diffkit.tensor([1.0, 2.0]))
    >>> value, slope
    (tensor(5.), tensor([2., 4.]))
    """
    return _value_and_grad("value_and_grad", fn, argnums, has_aux, layout)


def grad(
    fn: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    layout: Layout | None = None,
) -> Callable[..., Any]:
    """The function that computes the gradient of `fn`, which must return one number (shape `()`).

    The gradient has the shape, the dtype and the containers of the argument; it is zero where the value does
    not depend on the argument. Keyword arguments are passed on and not differentiated.

    Args:
        fn: a function of tensors, Python floats, or nested dicts, lists and tuples of them.
        argnums: the positional argument to differentiate by; with a sequence, the result is a tuple.
        has_aux: `fn` returns `(value, aux)`; the result is `(gradient, aux)`.
        layout: None for the argument's own shape. "numerator": a row `(1, n)` for a vector of n, `(k, n)` for
            a matrix `(n, k)`. "denominator": its transpose, `(n, 1)` and `(n, k)`.

    Raises:
        ShapeError: `fn` returned more than one number.
        DTypeError: an argument to differentiate by is not floating-point, or `fn` returned no tensor.
        ArgumentError: no such argument, or no such layout.

    >>> weights = {"w": diffkit.tensor([1.0, 2.0]), "b": 0.5}
    >>> model = lambda p, x: (p["w"] * x).sum() + p["b"]
    >>> diffkit.grad(model)(weights, diffkit.tensor([3.0, 4.0]))
    {'w': tensor([3., 4.]), 'b': tensor(1.)}
    >>> diffkit.grad(lambda x: x.sum(), layout="numerator")(diffkit.ones(3))
    tensor([[1., 1., 1.]])
    """
    return _grad("grad", fn, argnums, has_aux, layout)


def vjp(fn: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """`fn(*primals)` and the function that multiplies a vector with its Jacobian from the left.

    Returns `(out, vjp_fn)`, or `(out, vjp_fn, aux)` with `has_aux`. `vjp_fn(cotangents)` takes weights in the
    containers and shapes of `out` and returns a tuple with one derivative per primal; it may be called again.

    >>> out, pull = diffkit.vjp(lambda x: x**2, diffkit.tensor([1.0, 2.0]))
    >>> pull(diffkit.tensor([1.0, 10.0]))
    (tensor([ 2., 40.]),)
    """
    call = _Call("vjp", fn, primals, range(len(primals)))
    result, aux = call.run({}, has_aux)
    results = _tensors("vjp", result)
    lasts = call.lasts(results)

    def vjp_fn(cotangents: Any) -> tuple[Any, ...]:
        weights = _tensors("vjp: cotangents", cotangents)
        if [w.shape for w in weights] != [r.shape for r in results]:
            raise ShapeError(
                f"vjp: cotangents have the shapes {[tuple(w.shape) for w in weights]}, "
                f"the function returned {[tuple(r.shape) for r in results]}: give one weight per element"
            )
        record = is_grad_enabled() and (lasts or any(w.requires_grad for w in weights))
        found = call.slopes(results, list(weights), True, record)
        arranged: tuple[Any, ...] = call.arranged(_or_zeros(found, call.inputs))
        return arranged

    out = result if lasts else call.apart(result)
    return (out, vjp_fn, aux) if has_aux else (out, vjp_fn)


def jacobian(
    fn: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    layout: Layout | None = None,
) -> Callable[..., Any]:
    """The function that computes the Jacobian of `fn`: all derivatives of all results, by reverse mode.

    For a result `y` and an argument `x` the shape is `y.shape + x.shape`, and one row costs one backward. A
    result or argument in containers gives the containers of the result, each tensor replaced by those of the
    argument.

    Args:
        fn: a function of tensors, Python floats, or nested dicts, lists and tuples of them; returns the same.
        argnums: the positional argument to differentiate by; with a sequence, a tuple takes its place.
        has_aux: `fn` returns `(result, aux)`; the transform returns `(jacobian, aux)`.
        layout: None for `y.shape + x.shape`; "numerator" or "denominator" as below.

    In numerator layout the axes of `x` come transposed, and a vector is a column where the other side is one
    number:

    ==============  ===========  =============  =================
    dy/dx           x one number x vector `(n,)` x matrix `(n, k)`
    ==============  ===========  =============  =================
    y one number    `()`         `(1, n)`       `(k, n)`
    y `(m,)`        `(m, 1)`     `(m, n)`       `(m, k, n)`
    y `(m, l)`      `(m, l)`     `(m, l, n)`    `(m, l, k, n)`
    ==============  ===========  =============  =================

    Denominator layout is its transpose: all axes in the opposite order.

    Raises:
        DTypeError: an argument to differentiate by is not floating-point, or a result is no tensor.
        ArgumentError: no such argument, or no such layout.

    >>> A = diffkit.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> diffkit.jacobian(lambda x: A @ x)(diffkit.ones(2))
    tensor([[1., 2.],
            [3., 4.]])
    """
    return _jacobian("jacobian", fn, argnums, has_aux, layout)


jacrev = jacobian


def hessian(fn: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that computes all second derivatives of `fn`, which must return one number (shape `()`).

    For one tensor `x` the shape is `x.shape + x.shape`. For several arguments, or an argument in containers,
    the result is nested: `hessian(f, (0, 1))(x, y)[0][1]` is the block by `x`, then `y`.

    >>> diffkit.hessian(lambda x: x[0] ** 2 * x[1])(diffkit.tensor([3.0, 5.0]))
    tensor([[10.,  6.],
            [ 6.,  0.]])
    """
    return _jacobian("hessian", _grad("hessian", fn, argnums, False, None), argnums, False, None)


def hvp(fn: Callable[..., Any], primals: Any, tangents: Any) -> Any:
    """The Hessian of `fn` at `primals` times `tangents`, without making the Hessian: two reverse passes.

    `primals` is one argument of `fn`, or a tuple of all; `tangents` and the result look like it. Relies on
    the symmetry of second derivatives, so `fn` should be twice continuously differentiable there.

    >>> diffkit.hvp(lambda x: (x**3).sum(), diffkit.tensor([1.0, 2.0]), diffkit.tensor([1.0, 10.0]))
    tensor([  6., 120.])
    """
    alone = not isinstance(primals, tuple)
    points = (primals,) if alone else primals
    _, pull = vjp(_grad("hvp", fn, tuple(range(len(points))), False, None), *points)
    products = pull((tangents,) if alone else tangents)
    return products[0] if alone else products


def _value_and_grad(
    op: str, fn: Callable[..., Any], argnums: Argnums, has_aux: bool, layout: Layout | None
) -> Callable[..., Any]:
    _check(op, fn, layout)

    def with_gradient(*args: Any, **kwargs: Any) -> Any:
        call = _Call(op, fn, args, argnums)
        value, aux = call.run(kwargs, has_aux)
        if not isinstance(value, Tensor):
            raise DTypeError(
                f"{op}: the function returned {_described(value)}, not a tensor: use tensor operations"
            )
        if value.ndim != 0:
            raise ShapeError(
                f"{op}: the function returned a tensor of shape {tuple(value.shape)}, but a gradient is "
                "that of one number, shape (): return its sum() or mean(), or use jacobian"
            )
        lasts = call.lasts([value])
        found = _or_zeros(call.slopes([value], [None], False, lasts), call.inputs)
        gradient = call.arranged([_in_layout(slope, 0, layout) for slope in found])
        value = value if lasts else value.detach()
        return ((value, aux) if has_aux else value), gradient

    return with_gradient


def _grad(
    op: str, fn: Callable[..., Any], argnums: Argnums, has_aux: bool, layout: Layout | None
) -> Callable[..., Any]:
    both = _value_and_grad(op, fn, argnums, has_aux, layout)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, slope = both(*args, **kwargs)
        return (slope, value[1]) if has_aux else slope

    return gradient


def _jacobian(
    op: str, fn: Callable[..., Any], argnums: Argnums, has_aux: bool, layout: Layout | None
) -> Callable[..., Any]:
    _check(op, fn, layout)

    def derivatives(*args: Any, **kwargs: Any) -> Any:
        call = _Call(op, fn, args, argnums)
        result, aux = call.run(kwargs, has_aux)
        results = _tensors(op, result)
        lasts = call.lasts(results)
        blocks = iter(
            [
                call.arranged([_in_layout(full, y.ndim, layout) for full in _rows(call, y, lasts)])
                for y in results
            ]
        )
        nested = rebuild(result, blocks.__next__)
        return (nested, aux) if has_aux else nested

    return derivatives


def _rows(call: _Call, y: Tensor, record: bool) -> list[Tensor]:
    """The Jacobian of `y` by each input, in the shape `y.shape + input.shape`."""
    m = y.numel()
    rows: list[list[Tensor]] = [[] for _ in call.inputs]
    for i in range(m if y.requires_grad else 0):
        weight = zeros(m, dtype=y.dtype)
        weight[i] = 1
        found = call.slopes([y], [weight.reshape(y.shape)], True, record)
        for row, slope in zip(rows, _or_zeros(found, call.inputs), strict=True):
            row.append(slope)
    shape = tuple(y.shape)
    return [
        stack(row).reshape(shape + tuple(x.shape)) if row else zeros(shape + tuple(x.shape), dtype=x.dtype)
        for row, x in zip(rows, call.inputs, strict=True)
    ]


def _or_zeros(found: list[Tensor | None], inputs: list[Tensor]) -> list[Tensor]:
    return [zeros_like(x) if slope is None else slope for slope, x in zip(found, inputs, strict=True)]


def _in_layout(full: Tensor, outer: int, layout: Layout | None) -> Tensor:
    """A derivative of shape `y.shape + x.shape`, where `y` has `outer` axes, in `layout`."""
    inner = full.ndim - outer
    if layout is None or full.ndim == 0:
        return full
    turned = full.permute(*range(outer), *range(full.ndim - 1, outer - 1, -1))
    if (outer, inner) == (0, 1):
        turned = turned.unsqueeze(0)
    elif (outer, inner) == (1, 0):
        turned = turned.unsqueeze(1)
    return turned if layout == "numerator" else turned.permute(*range(turned.ndim - 1, -1, -1))


def _depends_on_others(results: list[Tensor], own: list[Tensor]) -> bool:
    """Whether a result goes back to a tensor with `requires_grad` that is older than the leaves `own`."""
    # Nodes are numbered as they are made, and a node's hash is its number. Leaves younger than our own were
    # made inside the function, where a transform inside it has finished with them.
    with enable_grad():
        first = min((hash(_node(leaf)) for leaf in own), default=1 << 63)
        waiting = [_node(result) for result in results if result.requires_grad]
    seen = set(waiting)
    while waiting:
        node = waiting.pop()
        if hash(node) < first:
            return True
        for earlier, _ in node.next_functions:
            if earlier is not None and earlier not in seen:
                seen.add(earlier)
                waiting.append(earlier)
    return False


def _node(traced: Tensor) -> Node:
    """Where a tensor stands in the graph; a leaf, without `grad_fn`, is found through a view."""
    if traced.grad_fn is not None:
        return traced.grad_fn
    copied = traced.reshape(-1).grad_fn
    node = copied.next_functions[0][0] if copied is not None else None
    if node is None:
        raise ArgumentError("a tensor without requires_grad has no place in the graph")
    return node


def _tensors(op: str, tree: Any) -> list[Tensor]:
    leaves = flatten(tree)
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise DTypeError(f"{op}: expected tensors, got {_described(leaf)}: use tensor operations")
    return leaves


def _places(op: str, argnums: Argnums, n: int) -> list[int]:
    places = [argnums] if isinstance(argnums, int) else list(argnums)
    for place in places:
        if not -n <= place < n:
            raise ArgumentError(f"{op}: argnums has {place}, but {n} positional arguments were given")
    found = [place % n for place in places]
    if len(set(found)) != len(found):
        raise ArgumentError(f"{op}: argnums {tuple(places)} names an argument twice")
    return found


def _check(op: str, fn: object, layout: Layout | None) -> None:
    if not callable(fn):
        raise DTypeError(
            f"{op}: expected a function, got {_described(fn)}; for derivatives of computed tensors "
            "use diffkit.autograd.grad(outputs, inputs)"
        )
    if layout not in (None, "numerator", "denominator"):
        raise ArgumentError(f"{op}: layout must be 'numerator', 'denominator' or None, not {layout!r}")


def _described(value: object) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)} and dtype {value.dtype}"
    name = type(value).__name__
    return f"{value!r} ({name})" if isinstance(value, (int, float, str)) else f"a {name}"
