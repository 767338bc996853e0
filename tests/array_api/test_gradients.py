"""Gradients flow through the functions of the namespace, to second order."""

import numpy as np
import pytest

from diffkit import array_api as xp
from diffkit.testing import gradcheck, gradgradcheck

POINT = np.asarray([[0.5, 1.5, -0.7], [2.2, -1.1, 0.3]])

DIFFERENTIABLE = [
    "xp.asarray(x, copy=True)", "xp.real(xp.asarray(x, dtype=xp.complex128))",
    "xp.real(xp.astype(x, xp.complex128))",
    "xp.broadcast_to(x, (2, 2, 3))", "xp.broadcast_arrays(x, x[:1, :])[1]", "xp.clip(x, -1.0, 2.0)",
    "xp.concat([x, x * x], axis=None)", "xp.concat([x, x], axis=1)", "xp.copysign(x, -x)",
    "xp.cumulative_prod(x, axis=1)", "xp.cumulative_sum(x, axis=0, include_initial=True)", "xp.diff(x, n=2)",
    "xp.diff(x, prepend=x)", "xp.expand_dims(x, (0, -1))", "xp.flip(x)", "xp.hypot(x, x * x)",
    "xp.linalg.cross(x, xp.exp(x))", "xp.linalg.det(x[:, :2])", "xp.linalg.diagonal(x, offset=1)",
    "xp.linalg.inv(x[:, :2])", "xp.linalg.matrix_norm(x)", "xp.linalg.outer(x[0, :], x[1, :])",
    "xp.linalg.solve(x[:, :2], x)", "xp.linalg.solve(x[:, :2], x[:, 2])", "xp.linalg.trace(x)",
    "xp.linalg.vector_norm(x, axis=1)", "xp.logaddexp(x, x * x)", "xp.matmul(x, x.T)",
    "xp.matrix_transpose(x)", "xp.max(x, axis=1)", "xp.maximum(x, 0.4)", "xp.mean(x, axis=(0, 1))",
    "xp.meshgrid(x[0, :], x[1, :])[0]", "xp.min(x, axis=(0, 1))", "xp.moveaxis(x, 0, 1)",
    "xp.permute_dims(x, (1, 0))", "xp.prod(x, axis=(0, 1))", "xp.prod(x, axis=(0, 1), keepdims=True)",
    "xp.repeat(x, 2, axis=0)", "xp.reshape(x, (-1,))", "xp.roll(x, 1)", "xp.sort(x, axis=0, descending=True)",
    "xp.squeeze(x[:1, :], 0)", "xp.stack([x, xp.sin(x)])", "xp.std(x, axis=1)", "xp.std(x, correction=1)",
    "xp.sum(x, axis=())", "xp.sum(x, axis=(0, 1), keepdims=True)",
    "xp.take(x, xp.asarray([1, -1, 1]), axis=1)",
    "xp.take_along_axis(x, xp.asarray([[1], [0]]))", "xp.tensordot(x, x, axes=2)", "xp.tile(x, (2, 1))",
    "xp.tril(x)", "xp.triu(x, k=1)", "xp.unique_values(x)", "xp.unstack(x)[1]", "xp.var(x, axis=0)",
    "xp.vecdot(x, xp.cos(x))", "xp.where(x > 0, x * x, x)", "x[::-1, ::2]", "x[x > 0]",
    "x[xp.asarray([0, 1]), xp.asarray([2, 2])]", "xp.positive(x)", "xp.square(x) ** 1.5",
    "xp.abs(xp.fft.fft(x))", "xp.fft.irfft(xp.fft.rfft(x) * 2, n=3)",
    "xp.real(xp.conj(xp.astype(x, xp.complex128)) * (1 + 2j))",
]  # fmt: skip


@pytest.mark.parametrize("expression", DIFFERENTIABLE)
def test_gradients(expression):
    def function(x):
        return eval(expression, {"xp": xp, "x": x})

    x = xp.asarray(POINT, copy=True).requires_grad_()
    assert function(x).requires_grad
    assert gradcheck(function, x)
    assert gradgradcheck(function, x)
