"""einops takes tensors and gives tensors, with the values it gives for arrays, and gradients pass."""

import doctest
import subprocess
import sys

import numpy as np
import pytest

import diffkit
from diffkit.testing import gradcheck

einops = pytest.importorskip("einops")
import diffkit.einops  # noqa: E402


def images():
    return np.random.default_rng(0).normal(size=(2, 4, 6, 3))


REARRANGE = [
    ("b h w c -> b h w c", {}),
    ("b h w c -> (b h) w c", {}),
    ("b h w c -> h (b w) c", {}),
    ("b (h1 h2) (w1 w2) c -> (b h1 w1) c h2 w2", {"h1": 2, "w1": 3}),
    ("b h w c -> b 1 c h w 1", {}),
    ("... c -> c ...", {}),
]


@pytest.mark.parametrize(("pattern", "lengths"), REARRANGE)
@pytest.mark.parametrize("dtype", ["float32", "int64", "bool"])
def test_rearrange(pattern, lengths, dtype):
    array = (images() * 10).astype(dtype)
    result = einops.rearrange(diffkit.tensor(array), pattern, **lengths)
    assert type(result) is diffkit.Tensor
    expected = einops.rearrange(array, pattern, **lengths)
    assert (str(result.dtype), result.shape) == (f"diffkit.{dtype}", expected.shape)
    assert result.tolist() == expected.tolist()


@pytest.mark.parametrize("operation", ["min", "max", "sum", "mean", "prod"])
@pytest.mark.parametrize(
    "pattern", ["b h w c -> b c", "b h w c -> h", "b h w c -> ", "b (h 2) (w 3) c -> b h w c"]
)
def test_reduce(operation, pattern):
    result = einops.reduce(diffkit.tensor(images()), pattern, operation)
    np.testing.assert_allclose(result, einops.reduce(images(), pattern, operation), rtol=1e-12)
    assert result.dtype == diffkit.float64


@pytest.mark.parametrize("operation", ["any", "all"])
def test_reduce_truth(operation):
    array = images() > -0.5
    result = einops.reduce(diffkit.tensor(array), "b h w c -> b w", operation)
    assert result.dtype == diffkit.bool
    assert result.tolist() == einops.reduce(array, "b h w c -> b w", operation).tolist()


def test_means_need_floats():
    with pytest.raises(NotImplementedError, match="non-floating"):
        einops.reduce(diffkit.arange(4), "a -> ", "mean")


@pytest.mark.parametrize(
    ("pattern", "lengths"),
    [
        ("a b -> a c b", {"c": 3}),
        ("a b -> (a c) (b d)", {"c": 2, "d": 3}),
        ("a b -> c (b d) a", {"c": 2, "d": 1}),
    ],
)
def test_repeat(pattern, lengths):
    array = np.arange(6.0).reshape(2, 3)
    result = einops.repeat(diffkit.tensor(array), pattern, **lengths)
    assert result.tolist() == einops.repeat(array, pattern, **lengths).tolist()


def test_lists_packs_shapes_and_sums():
    arrays = list(images())
    tensors = [diffkit.tensor(array) for array in arrays]
    stacked = einops.rearrange(tensors, "b h w c -> h w (b c)")
    assert stacked.tolist() == einops.rearrange(arrays, "b h w c -> h w (b c)").tolist()
    packed, shapes = einops.pack([diffkit.ones(2, 3), diffkit.zeros(2, 4, 5)], "i *")
    assert (packed.shape, shapes) == ((2, 23), [(3,), (4, 5)])
    assert [tensor.shape for tensor in einops.unpack(packed, shapes, "i *")] == [(2, 3), (2, 4, 5)]
    assert einops.parse_shape(tensors[0], "h w _") == {"h": 4, "w": 6}
    product = einops.einsum(tensors[0], tensors[1], "h w c, h v c -> w v")
    np.testing.assert_allclose(product, einops.einsum(*arrays, "h w c, h v c -> w v"), rtol=1e-12)
    assert type(einops.asnumpy(diffkit.ones(2, requires_grad=True))) is np.ndarray


@pytest.mark.parametrize(
    "function",
    [
        lambda x: einops.rearrange(x, "(a b) c -> b (c a)", a=2),
        lambda x: einops.repeat(x, "a b -> b (a c) d", c=2, d=2),
        *(
            lambda x, how=how: einops.reduce(x, "(a b) c -> b", how, a=2)
            for how in ("sum", "mean", "max", "prod")
        ),
        lambda x: einops.einsum(x, x, "a b, a c -> b c"),
    ],
)
def test_gradients(function):
    x = np.random.default_rng(1).normal(size=(4, 3))
    assert gradcheck(function, diffkit.tensor(x, requires_grad=True))


def test_mistakes_are_explained_by_einops():
    with pytest.raises(einops.EinopsError, match="Shape mismatch"):
        einops.rearrange(diffkit.ones(3, 4), "(a b) c -> a b c", a=2)


def test_the_example():
    assert doctest.testmod(diffkit.einops, extraglobs={"diffkit": diffkit}).failed == 0


def test_it_is_imported_when_used():
    program = """
import sys, diffkit
assert "einops" not in sys.modules
assert diffkit.einops.rearrange(diffkit.ones(2, 3), "a b -> b a").shape == (3, 2)
import einops
from diffkit.einops import rearrange
x = diffkit.ones(2, 3)
assert rearrange(x, "a b -> b a").shape == einops.rearrange(x, "a b -> (b a) 1").T.reshape(3, 2).shape
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_without_einops_the_error_names_it():
    program = """
import sys
sys.modules["einops"] = None
try:
    import diffkit.einops
except ImportError as error:
    assert "pip install einops" in str(error)
else:
    raise AssertionError
"""
    subprocess.run([sys.executable, "-c", program], check=True)
