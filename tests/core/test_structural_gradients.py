"""Derivatives of reductions, products, shapes, indexing, ordering, activations and losses to second order."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.testing import gradcheck, gradgradcheck

F = dk.nn.functional

# Each case: name, function, shapes of the float64 inputs (drawn without ties, away from zero).
REDUCTIONS = [
    (f"{name} {form}", lambda x, name=name, options=options: getattr(dk, name)(x, **options), [shape])
    for name in ("sum", "mean", "prod", "var", "std", "amax", "amin", "logsumexp")
    for form, options, shape in [
        ("all", {"dim": (0, 1)} if name == "logsumexp" else {}, (2, 3)),
        ("rows", {"dim": 1}, (2, 3)),
        ("kept", {"dim": 0, "keepdim": True}, (3, 2)),
        ("negative axis", {"dim": -2}, (2, 3, 2)),
        ("of one", {"dim": 0}, (2,)),
    ]
] + [
    ("sum of several axes", lambda x: x.sum(dim=(0, 2)), [(2, 2, 3)]),
    ("var of several axes", lambda x: x.var(dim=(0, 1), unbiased=False), [(2, 3)]),
    ("amax of several axes", lambda x: x.amax(dim=(0, 1)), [(2, 3)]),
    ("sum of transposed", lambda x: x.T.sum(0), [(2, 3)]),
    ("max and place", lambda x: x.max(dim=1)[0], [(3, 4)]),
    ("min and place", lambda x: x.min(dim=0)[0], [(3, 4)]),
    ("max of all", lambda x: x.max(), [(3, 2)]),
    ("sum of 0-d", lambda x: x.sum() * x, [()]),
    ("mean of 0-d", lambda x: x.mean() * x, [()]),
    ("sum of empty", lambda x: x.sum() + 1, [(0,)]),
    ("prod of empty axis", lambda x: x.prod(dim=1), [(2, 0)]),
    ("median", lambda x: x.median(dim=1)[0], [(2, 3)]),
    *[(f"norm {p}", lambda x, p=p: dk.norm(x, p), [(2, 3)]) for p in (1, 2, 3, float("inf"))],
    *[(f"norm {p} of rows", lambda x, p=p: dk.norm(x, p, dim=1), [(2, 3)]) for p in (1, 2, 3, float("inf"))],
]

PRODUCTS = [
    *[
        (f"matmul {a} {b}", lambda x, y: x @ y, [a, b])
        for a, b in [
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((3,), (3, 2)),
            ((2, 3), (3, 2)),
            ((2, 2, 3), (3,)),
            ((3,), (2, 3, 2)),
            ((2, 2, 3), (3, 2)),
            ((2, 3), (2, 3, 2)),
            ((2, 1, 2), (2, 2, 1)),
            ((2, 1, 2, 2), (1, 2, 2, 1)),
            ((1, 2, 3), (2, 3, 1)),
            ((0, 3), (3, 2)),
            ((2, 0), (0, 2)),
        ]
    ],
    ("matmul of transposed", lambda x, y: x.T @ y.mT, [(3, 2), (2, 3)]),
    ("matmul with itself", lambda x: x @ x.T, [(2, 3)]),
    ("dot", dk.dot, [(4,), (4,)]),
    ("mv", dk.mv, [(2, 3), (3,)]),
    ("mm", dk.mm, [(2, 3), (3, 2)]),
    ("bmm", dk.bmm, [(2, 2, 3), (2, 3, 1)]),
    ("outer", dk.outer, [(2,), (3,)]),
    ("vecdot", lambda x, y: dk.vecdot(x, y), [(2, 3), (2, 3)]),
    ("tensordot", lambda x, y: dk.tensordot(x, y, dims=2), [(2, 3, 2), (3, 2, 2)]),
    ("tensordot of axes", lambda x, y: dk.tensordot(x, y, dims=([0], [1])), [(2, 3), (3, 2)]),
    ("einsum", lambda x, y: dk.einsum("ij,jk->ki", x, y), [(2, 3), (3, 2)]),
    ("einsum of a diagonal", lambda x: dk.einsum("ii->i", x), [(3, 3)]),
]

SHAPES = [
    ("reshape", lambda x: x.reshape(3, -1), [(2, 3)]),
    ("view", lambda x: x.view(6), [(2, 3)]),
    ("reshape of transposed", lambda x: x.T.reshape(-1), [(2, 3)]),
    ("permute", lambda x: x.permute(2, 0, 1), [(2, 1, 3)]),
    ("transpose", lambda x: x.transpose(0, 1), [(2, 3)]),
    ("expand", lambda x: x.expand(3, 2), [(1, 2)]),
    ("expand new axes", lambda x: x.expand(2, 2, 3), [(3,)]),
    ("squeeze", lambda x: x.squeeze(0), [(1, 3)]),
    ("unsqueeze", lambda x: x.unsqueeze(1), [(3,)]),
    ("flatten", lambda x: x.flatten(1), [(2, 2, 2)]),
    ("diagonal", lambda x: x.diagonal(), [(3, 3)]),
    ("diagonal above", lambda x: x.diagonal(1), [(3, 3)]),
    ("narrow", lambda x: x.narrow(1, 1, 2), [(2, 4)]),
    ("clone", lambda x: x.clone(), [(2, 2)]),
    ("to and fro", lambda x: x.contiguous().to(dk.float64), [(2, 2)]),
    ("cat", lambda x, y: dk.cat([x, y, x], dim=1), [(2, 1), (2, 2)]),
    ("stack", lambda x, y: dk.stack([x, y, x], dim=1), [(3,), (3,)]),
    ("where", lambda x, y: dk.where(x > y, x * y, x - y), [(2, 3), (3,)]),
    ("flip", lambda x: dk.flip(x, (0, 1)), [(2, 3)]),
    ("roll", lambda x: dk.roll(x, 2, 1), [(2, 3)]),
    ("repeat", lambda x: x.repeat(2, 3), [(2, 1)]),
    ("repeat_interleave", lambda x: dk.repeat_interleave(x, 2, dim=0), [(2, 2)]),
    ("split", lambda x: x.split(2)[1] * x.split(2)[0].sum(), [(5,)]),
    ("chunk", lambda x: dk.chunk(x, 2)[1], [(4,)]),
    ("unbind", lambda x: x.unbind(1)[1] * x.unbind(1)[0], [(2, 3)]),
    ("tril", lambda x: dk.tril(x), [(3, 3)]),
    ("triu", lambda x: dk.triu(x, 1), [(3, 3)]),
    ("diag of a vector", lambda x: dk.diag(x), [(3,)]),
    ("diag of a matrix", lambda x: dk.diag(x), [(3, 3)]),
    ("trace", lambda x: dk.trace(x), [(3, 3)]),
    ("diff", lambda x: dk.diff(x), [(4,)]),
    ("broadcast_to", lambda x: dk.broadcast_to(x, (2, 3)), [(3,)]),
]

INDEXES = {
    "integer": 1,
    "negative": -1,
    "slice": slice(1, 3),
    "step": slice(None, None, 2),
    "backwards": slice(None, None, -1),
    "backwards by two": slice(3, 0, -2),
    "ellipsis": (..., 0),
    "none": (slice(None), None),
    "empty": slice(2, 2),
    "places": [2, 0],
    "repeated": [1, 1, 3, 1],
    "negative places": [-1, 0],
    "pairs": ([0, 1, 0], [2, 1, 2]),
    "grid": ([[0], [3]], [0, 2]),
    "row and places": (1, [0, 0]),
    "places and slice": ([0, 2, 0], slice(None, None, -1)),
    "split places": ([0, 1], None, [1, 2]),
    "mask": [[True, False, True]] * 4,
    "row mask": [True, False, True, False],
}

CHOICES = [
    *[(f"index: {name}", lambda x, key=key: x[as_key(key)], [(4, 3)]) for name, key in INDEXES.items()],
    ("gather", lambda x: dk.gather(x, 1, dk.tensor([[0, 0], [2, 1]])), [(2, 3)]),
    ("scatter", lambda x, y: dk.scatter(x, 1, dk.tensor([[0, 2], [1, 0]]), y), [(2, 3), (2, 2)]),
    ("scatter_add", lambda x, y: dk.scatter_add(x, 1, dk.tensor([[0, 0], [1, 0]]), y), [(2, 3), (2, 2)]),
    ("index_select", lambda x: dk.index_select(x, 0, dk.tensor([1, 1, 0])), [(2, 3)]),
    ("index_add", lambda x, y: dk.index_add(x, 0, dk.tensor([1, 1, 0]), y), [(2, 2), (3, 2)]),
    ("take_along_dim", lambda x: dk.take_along_dim(x, dk.tensor([[0, 0], [1, 1]]), dim=0), [(2, 2)]),
    ("masked_fill", lambda x: x.masked_fill(dk.tensor([[True], [False]]), 2.0) * x, [(2, 2)]),
    ("masked_select", lambda x: dk.masked_select(x, dk.tensor([[True, False], [True, True]])), [(2, 2)]),
    ("cumsum", lambda x: dk.cumsum(x, 1), [(2, 3)]),
    ("cumprod", lambda x: dk.cumprod(x, 0), [(3, 2)]),
    ("cummax", lambda x: dk.cummax(x, 0)[0], [(4,)]),
    ("logcumsumexp", lambda x: dk.logcumsumexp(x, 0), [(4,)]),
    ("sort", lambda x: dk.sort(x, dim=0)[0], [(4, 2)]),
    ("sort down", lambda x: dk.sort(x, descending=True)[0], [(2, 3)]),
    ("topk", lambda x: dk.topk(x, 2)[0], [(2, 4)]),
    ("kthvalue", lambda x: dk.kthvalue(x, 2)[0], [(2, 3)]),
    ("clamp", lambda x: dk.clamp(x, -0.9, 0.9), [(6,)]),
    ("quantile", lambda x: dk.quantile(x, 0.3), [(5,)]),
]

LABELS = [0, 2]
ACTIVATIONS = [
    ("softmax", lambda x: dk.softmax(x, 1), [(2, 3)]),
    ("log_softmax", lambda x: dk.log_softmax(x, 0), [(2, 3)]),
    *[
        (name, lambda x, name=name: getattr(F, name)(x), [(6,)])
        for name in ("softplus", "leaky_relu", "elu", "hardtanh", "gelu", "silu", "relu", "sigmoid", "tanh")
    ],
    ("layer_norm", lambda x, w, b: F.layer_norm(x, (3,), w, b), [(2, 3), (3,), (3,)]),
    ("linear", lambda x, w, b: F.linear(x, w, b), [(2, 3), (2, 3), (2,)]),
    ("normalize", lambda x: F.normalize(x, dim=1), [(2, 3)]),
    ("cosine_similarity", lambda x, y: F.cosine_similarity(x, y, dim=1), [(2, 3), (2, 3)]),
    *[
        (
            f"cross_entropy {how}",
            lambda x, how=how: F.cross_entropy(x, dk.tensor(LABELS), reduction=how),
            [(2, 3)],
        )
        for how in ("mean", "sum", "none")
    ],
    (
        "cross_entropy smoothed",
        lambda x: F.cross_entropy(x, dk.tensor(LABELS), label_smoothing=0.1),
        [(2, 3)],
    ),
    ("cross_entropy of shares", lambda x, y: F.cross_entropy(x, dk.softmax(y, 1)), [(2, 3), (2, 3)]),
    ("nll_loss", lambda x: F.nll_loss(dk.log_softmax(x, 1), dk.tensor(LABELS)), [(2, 3)]),
    *[
        (name, lambda x, y, name=name: getattr(F, name)(x, y), [(4,), (4,)])
        for name in ("mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss")
    ],
    ("binary_cross_entropy", lambda x, y: F.binary_cross_entropy(dk.sigmoid(x), dk.sigmoid(y)), [(4,), (4,)]),
    ("bce_with_logits", lambda x, y: F.binary_cross_entropy_with_logits(x, dk.sigmoid(y)), [(4,), (4,)]),
    ("kl_div", lambda x, y: F.kl_div(dk.log_softmax(x, 0), dk.softmax(y, 0), reduction="sum"), [(4,), (4,)]),
]

CASES = REDUCTIONS + PRODUCTS + SHAPES + CHOICES + ACTIVATIONS


def as_key(key):
    """Lists as index tensors, which leaves nothing to guess."""
    if isinstance(key, tuple):
        return tuple(dk.tensor(k) if isinstance(k, list) else k for k in key)
    return dk.tensor(key) if isinstance(key, list) else key


def drawn(shape, seed):
    """Numbers of both signs without ties, also among inputs of different seeds."""
    count = int(np.prod(shape))
    steps = np.random.default_rng(seed).permutation(count) + 0.5
    signs = np.where(np.arange(count) % 2, 1, -1)
    values = (steps * (1.9 / max(count, 1)) + 0.07 + 0.013 * seed) * signs
    return dk.tensor(values.reshape(shape), dtype=dk.float64).requires_grad_()


@pytest.mark.parametrize(("name", "fn", "shapes"), CASES, ids=[case[0] for case in CASES])
def test_to_second_order(name, fn, shapes):
    inputs = [drawn(shape, seed) for seed, shape in enumerate(shapes)]
    assert gradcheck(fn, inputs, atol=1e-7, rtol=1e-6)
    assert gradgradcheck(fn, inputs, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(("name", "fn", "shapes"), CASES, ids=[case[0] for case in CASES])
def test_without_and_with_a_recorded_backward(name, fn, shapes):
    inputs = [drawn(shape, seed + 9) for seed, shape in enumerate(shapes)]
    out = fn(*inputs)
    weight = dk.tensor(np.random.default_rng(0).uniform(0.5, 2, tuple(out.shape)), dtype=dk.float64)
    plain = dk.autograd.grad(out, inputs, weight, retain_graph=True, materialize_grads=True)
    traced = dk.autograd.grad(out, inputs, weight, create_graph=True, materialize_grads=True)
    for one, other, x in zip(plain, traced, inputs, strict=True):
        assert one.shape == x.shape
        np.testing.assert_allclose(one.numpy(), other.detach().numpy(), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("zeros", [(), (1,), (0, 2), (0, 1, 2, 3)])
def test_product_of_zeros(zeros):
    values = np.array([2.0, -3.0, 0.5, 4.0])
    values[list(zeros)] = 0
    x = dk.tensor(values, requires_grad=True)
    for fn in (lambda x: x.prod(), lambda x: x.reshape(2, 2).prod(dim=1), lambda x: dk.cumprod(x, 0)):
        assert gradcheck(fn, x, atol=1e-8)
        assert gradgradcheck(fn, x, atol=1e-7)
