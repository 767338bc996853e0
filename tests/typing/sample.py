"""A program that runs, and whose types mypy confirms; `# type: ignore` marks what mypy must refuse."""

from typing import TYPE_CHECKING, Any, assert_type

import numpy as np

import diffkit
from diffkit import Tensor, nn, no_grad

x = diffkit.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
n = diffkit.arange(4)


def loss(w: Tensor) -> Tensor:
    return (w * w).sum()


@no_grad
def evaluate(w: Tensor, scale: float = 1.0) -> Tensor:
    return loss(w) * scale


def operators() -> None:
    assert_type(x + 1, Tensor)
    assert_type(2.0 * x, Tensor)
    assert_type(1 - x / 2, Tensor)
    assert_type(x @ x.T, Tensor)
    assert_type(x**2, Tensor)
    assert_type(-x, Tensor)
    assert_type(x > 0, Tensor)
    assert_type(x == 1.0, Tensor)
    assert_type(~(n > 1) & (n < 3), Tensor)
    assert_type(x + np.ones((2, 2), dtype=np.float32), Tensor)
    assert_type(x[0, :, None], Tensor)
    assert_type(x[..., 0], Tensor)
    assert_type(n[...], Tensor)
    assert_type(n[[0, 2]], Tensor)
    assert_type(n[n > 1], Tensor)
    y = x.detach().clone()
    y += 1
    y[0] = 0
    assert_type(y, Tensor)
    assert_type(y.add_(1, alpha=2), Tensor)
    assert_type([row for row in y], list[Tensor])
    assert_type(float(x.sum()), float)
    assert_type(len(x), int)


def attributes() -> None:
    assert_type(x.shape, tuple[int, ...])
    assert_type(x.size(), tuple[int, ...])
    assert_type(x.size(0), int)
    assert_type(x.dtype, diffkit.dtype)
    assert_type(x.device, diffkit.device)
    assert_type(x.requires_grad, bool)
    assert_type(x.grad, Tensor | None)
    assert_type(x.grad_fn, diffkit.autograd.Node | None)
    assert_type(x.sum().item(), int | float | bool)
    assert_type(x.detach().numpy(), "np.ndarray[Any, Any]")
    assert_type(n.float(), Tensor)
    assert_type(n.to(diffkit.float64), Tensor)
    assert_type(n.type(), str)
    assert_type(n.type(diffkit.double), Tensor)


def functions() -> None:
    assert_type(x.sum(), Tensor)
    assert_type(x.sum(dim=(0, 1), keepdim=True), Tensor)
    assert_type(diffkit.mean(x, axis=0, keepdims=True), Tensor)
    assert_type(x.max(), Tensor)
    assert_type(x.max(dim=0).values, Tensor)
    assert_type(diffkit.max(x, 1).indices, Tensor)
    assert_type(diffkit.min(x, axis=1).values, Tensor)
    assert_type(diffkit.max(x, x), Tensor)
    values, indices = x.sort(descending=True)
    assert_type(values, Tensor)
    assert_type(indices, Tensor)
    assert_type(diffkit.unique(n), Tensor)
    assert_type(diffkit.unique(n, return_counts=True), tuple[Tensor, Tensor])
    assert_type(n.nonzero(), Tensor)
    assert_type(n.nonzero(as_tuple=True), tuple[Tensor, ...])
    assert_type(diffkit.split(n, 2), tuple[Tensor, ...])
    assert_type(diffkit.var_mean(x), tuple[Tensor, Tensor])
    assert_type(diffkit.cat([x, x], dim=1), Tensor)
    assert_type(diffkit.where(x > 1, x, 0.0), Tensor)
    assert_type(diffkit.zeros(2, 3, dtype=diffkit.float64), Tensor)
    assert_type(diffkit.zeros((2, 3), dtype=np.float64), Tensor)
    assert_type(diffkit.allclose(x, x), bool)
    assert_type(diffkit.div(x, 2, rounding_mode="floor"), Tensor)
    assert_type(diffkit.manual_seed(0), diffkit.Generator)
    assert_type(diffkit.rand(3, generator=diffkit.Generator(0)), Tensor)
    assert_type(diffkit.linalg.eigh(x @ x.T).eigenvalues, Tensor)
    assert_type(nn.functional.softmax(x, dim=0), Tensor)
    assert_type(diffkit.autograd.functional.jacobian(diffkit.exp, x), Any)


def derivatives() -> None:
    # What a transform returns follows the containers of the arguments.
    assert_type(diffkit.grad(loss)(x), Any)
    assert_type(diffkit.autograd.grad(loss(x), x), tuple[Tensor | None, ...])
    assert_type(evaluate(x, scale=2.0), Tensor)
    assert_type(loss(x).backward(), None)
    with diffkit.no_grad():
        assert_type(loss(x), Tensor)


if TYPE_CHECKING:
    x + "1"  # type: ignore[operator]
    x.no_such_method()  # type: ignore[attr-defined]
    x.sum(dim="rows")  # type: ignore[arg-type]
    x.sum(dims=0)  # type: ignore[call-arg]
    x.shape = (4,)  # type: ignore[misc]
    x.max(dim=0).sum()  # type: ignore[attr-defined]
    diffkit.no_such_function(x)  # type: ignore[attr-defined]
    diffkit.exp([1.0])  # type: ignore[arg-type]
    diffkit.zeros(2, device=0)  # type: ignore[arg-type]
    evaluate(x, scale="2")  # type: ignore[arg-type]

operators()
attributes()
functions()
derivatives()
