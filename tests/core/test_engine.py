"""The reverse pass: accumulation, depth and width, saved values, recording switches, refusals."""

import gc

import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import AutogradError, DiffkitError, DTypeError, ShapeError


def leaf(values):
    return dk.tensor(values, dtype=dk.float64, requires_grad=True)


def test_accumulation_and_reuse():
    x = leaf(3.0)
    y = x * x
    (y * y + y + x).backward()
    assert x.grad.item() == 4 * 27 + 6 + 1
    (x * x * x).backward()
    assert x.grad.item() == 115 + 27


def test_a_ladder_of_diamonds():
    x = leaf(1.0)
    y = x
    for _ in range(200):
        left, right = y * 0.5, y * 0.5
        y = left + right
    y.backward()
    assert x.grad.item() == 1.0


def test_the_order_of_uses_does_not_matter():
    x, y = leaf([1.0, 2]), leaf([3.0, 4])
    late = x * y
    early = x + y
    (early * late + late).sum().backward()
    a, b = np.array([1.0, 2]), np.array([3.0, 4])
    np.testing.assert_array_equal(x.grad.numpy(), a * b + (a + b) * b + b)
    np.testing.assert_array_equal(y.grad.numpy(), a * b + (a + b) * a + a)


def test_a_million_steps():
    x = leaf(1.0)
    y = x
    for _ in range(1_000_000):
        y = y + x
    y.backward()
    assert x.grad.item() == 1_000_001
    del y
    dropped = x * 1
    for _ in range(1_000_000):
        dropped = -dropped
    del dropped
    gc.collect()


def test_a_long_chain_to_second_order():
    n = 10_000
    rate = 1 + 1e-4
    x = leaf(1.5)
    y = x * x
    for _ in range(n):
        y = y * rate
    (first,) = dk.autograd.grad(y, x, create_graph=True)
    (second,) = dk.autograd.grad(first, x)
    np.testing.assert_allclose(first.item(), 3 * rate**n, rtol=1e-11)
    np.testing.assert_allclose(second.item(), 2 * rate**n, rtol=1e-11)


def test_a_long_chain_of_in_place_writes():
    x = leaf([1.0, 2.0])
    y = x * 1
    for _ in range(20_000):
        y += x
    y.sum().backward()
    assert x.grad.tolist() == [20_001, 20_001]


def test_a_wide_fan_in():
    n = 100_000
    x = leaf(2.0)
    wide = dk.stack([x] * n)
    wide.backward(dk.ones(n, dtype=dk.float64))
    assert x.grad.item() == n
    leaves = [leaf(float(i)) for i in range(2000)]
    weight = np.arange(2000.0)
    dk.cat([v.reshape(1) for v in leaves]).backward(dk.tensor(weight))
    np.testing.assert_array_equal([v.grad.item() for v in leaves], weight)


def test_more_inputs_than_a_machine_word_has_bits():
    leaves = [leaf(float(i)) for i in range(130)]
    found = dk.autograd.grad(dk.stack(leaves).square().sum(), leaves[60:])
    assert [g.item() for g in found] == [2.0 * i for i in range(60, 130)]


def test_a_graph_is_freed_once_used():
    x = leaf(2.0)
    y = x.exp()
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(AutogradError, match="retain_graph=True"):
        y.backward()
    z = x.sin() * 2
    dk.autograd.grad(z, x, create_graph=True)
    z.backward()
    with pytest.raises(AutogradError, match="freed"):
        dk.autograd.grad(z, x)


def test_what_is_not_a_single_number_needs_weights():
    x = leaf([1.0, 2])
    with pytest.raises(ShapeError, match=r"backward: .*\(2,\)|backward: .*gradient="):
        (x * 2).backward()
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        (x * 2).backward(dk.ones(3))
    assert x.grad is None


def test_gradients_of_results_that_are_not_leaves():
    x = leaf(2.0)
    y = x * x
    z = y * x
    gy, gx = dk.autograd.grad(z, [y, x])
    assert (gy.item(), gx.item()) == (2, 12)
    with pytest.raises(AutogradError):
        dk.autograd.grad(x * 1, leaf(1.0))
    with pytest.raises(AutogradError, match="requires_grad"):
        dk.autograd.grad(x * 1, dk.ones(()))


def test_saved_tensors_that_changed():
    x = leaf([1.0, 2])
    for op, change in [
        (lambda y: y * y, lambda y: y.add_(1)),
        (lambda y: y.sin(), lambda y: y.__setitem__(0, 0.0)),
        (lambda y: y @ y, lambda y: y[1:].zero_()),
        (lambda y: y.prod(), lambda y: y.detach().fill_(3)),
        (lambda y: dk.softmax(y, 0), None),
        (lambda y: dk.cumprod(y, 0), lambda y: y.mul_(2)),
    ]:
        y = x * 2
        out = op(y)
        if change is None:
            out.detach().zero_()
        else:
            change(y)
        with pytest.raises(AutogradError, match="changed in place"):
            out.sum().backward()
    y = x * 2
    out = y + 1  # addition reads nothing
    y.zero_()
    out.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_leaves_are_not_written_while_recording():
    x = leaf([1.0, 2])
    with pytest.raises(AutogradError, match="leaf"):
        x += 1
    with dk.no_grad():
        x += 1
    assert x.tolist() == [2, 3] and x.is_leaf and x.requires_grad
    with dk.inference_mode():
        assert not (x * 2).requires_grad


def test_detach_and_data_share_memory():
    x = leaf([1.0, 2])
    for share in (x.detach(), x.data):
        assert not share.requires_grad and share.data_ptr() == x.data_ptr()
        share[0] += 1
    assert x.tolist() == [3, 2]


@pytest.mark.parametrize("dtype", [dk.bool, dk.uint8, dk.int32, dk.int64], ids=str)
def test_only_floats_require_gradients(dtype):
    x = dk.ones(2, dtype=dtype)
    with pytest.raises((AutogradError, DTypeError), match="float"):
        x.requires_grad_()
    with pytest.raises(DiffkitError, match="float"):
        dk.tensor([1, 0], dtype=dtype, requires_grad=True)
    assert not leaf([1.5]).to(dtype).requires_grad
    assert not (leaf([1.5]) > 1).requires_grad


def test_backward_inside_no_grad():
    x = leaf([1.0, 2])
    y = (x**3).sum()
    with dk.no_grad():
        y.backward()
    assert x.grad.tolist() == [3, 12] and not x.grad.requires_grad
    z = (x**3).sum()
    with dk.no_grad():
        (g,) = dk.autograd.grad(z, x, create_graph=True)
    assert g.requires_grad  # asked for by name, so recorded
    assert dk.is_grad_enabled()


def test_an_error_inside_leaves_the_switches_alone():
    with pytest.raises(ShapeError), dk.no_grad():
        dk.ones(2) + dk.ones(3)
    assert dk.is_grad_enabled()
    x = leaf([1.0, 2])
    y = x.exp()
    z = y * y
    y.add_(1)
    with pytest.raises(AutogradError):
        z.sum().backward()
    assert dk.is_grad_enabled()
    assert (x * 2).requires_grad


def test_grad_belongs_to_the_leaf_alone():
    x, y = leaf([1.0, 2]), leaf([1.0, 2])
    (x + y).sum().backward()
    x.grad.zero_()
    assert y.grad.tolist() == [1, 1]
    seed = dk.ones(2, dtype=dk.float64)
    z = leaf([0.0, 0])
    (z * 1).backward(seed)
    z.grad.mul_(5)
    assert seed.tolist() == [1, 1]
    w = leaf([0.0, 0])
    w.backward(seed)
    w.grad.mul_(5)
    assert seed.tolist() == [1, 1]
    with pytest.raises(DiffkitError):
        z.grad = dk.ones(3)


def test_grad_fn_is_readable_and_ends():
    x = leaf(1.0)
    node = (x.exp() * 2).grad_fn
    seen = []
    while node is not None:
        seen.append(node.name())
        node = next((edge for edge, _ in node.next_functions if edge is not None), None)
    assert seen[:2] == ["MulBackward0", "ExpBackward0"]


def test_third_and_fourth_order():
    x = leaf(0.7)
    y = dk.sin(x) * dk.exp(x)
    for order in range(1, 5):
        (y,) = dk.autograd.grad(y, x, create_graph=True)
        want = 2 ** (order / 2) * np.exp(0.7) * np.sin(0.7 + order * np.pi / 4)
        np.testing.assert_allclose(y.item(), want, rtol=1e-13)
