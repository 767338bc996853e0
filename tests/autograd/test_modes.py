"""Recording on and off, and the functions of diffkit.autograd."""

import threading

import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import ArgumentError, AutogradError, DTypeError, ShapeError


def on():
    return dk.is_grad_enabled()


@pytest.mark.parametrize(
    ("mode", "recording"),
    [
        (dk.no_grad, False),
        (dk.enable_grad, True),
        (dk.inference_mode, False),
        (lambda: dk.inference_mode(False), True),
        (lambda: dk.set_grad_enabled(False), False),
        (lambda: dk.set_grad_enabled(True), True),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_blocks_and_decorators(mode, recording, before):
    with dk.set_grad_enabled(before):
        with mode():
            assert on() is recording
        assert on() is before

        @mode()
        def decorated(a, *, b):
            """Says so."""
            return on(), a, b

        assert on() is before
        for _ in range(2):
            assert decorated(1, b=2) == (recording, 1, 2)
            assert on() is before
        assert (decorated.__name__, decorated.__doc__) == ("decorated", "Says so.")
        with pytest.raises(ZeroDivisionError), mode():
            raise ZeroDivisionError
        assert on() is before


def test_without_parentheses():
    @dk.no_grad
    def f():
        return on()

    assert f() is False
    assert on()


def test_set_grad_enabled_acts_at_once():
    try:
        dk.set_grad_enabled(False)
        assert not on()
    finally:
        dk.set_grad_enabled(True)
    assert on()


def test_one_object_entered_twice():
    mode = dk.no_grad()
    with mode:
        with dk.enable_grad(), mode:
            assert not on()
        assert not on()
    assert on()


def test_recursion():
    @dk.no_grad()
    def count(n):
        assert not on()
        return 0 if n == 0 else 1 + count(n - 1)

    assert count(5) == 5
    assert on()


def test_each_thread_has_its_own():
    seen = []
    shared = dk.no_grad()
    inside, leave = threading.Event(), threading.Event()

    def work():
        seen.append(on())
        with shared:
            inside.set()
            leave.wait(10)
            seen.append(on())
        seen.append(on())

    with shared:
        thread = threading.Thread(target=work)
        thread.start()
        assert inside.wait(10)
    assert on()
    leave.set()
    thread.join()
    assert seen == [True, False, True]


def test_generators():
    @dk.no_grad()
    def steps():
        try:
            got = yield on()
            yield got, on()
        except KeyError:
            yield "caught", on()
        return "end"

    run = steps()
    assert next(run) is False
    assert on()
    assert run.send(7) == (7, False)
    assert run.throw(KeyError) == ("caught", False)
    with pytest.raises(StopIteration) as stop:
        next(run)
    assert stop.value.value == "end"
    assert on()
    closed = []

    @dk.no_grad()
    def closing():
        try:
            yield
        finally:
            closed.append(on())

    run = closing()
    next(run)
    run.close()
    assert closed == [False]


def test_what_cannot_be_decorated():
    async def later():
        return on()

    for thing in (later, int, 3):
        with pytest.raises(DTypeError, match="no_grad: cannot decorate"):
            dk.no_grad()(thing)


def leaf(values):
    return dk.tensor(values, dtype=dk.float64, requires_grad=True)


def test_grad_gives_a_tuple():
    x, y = leaf([1.0, 2.0]), leaf(3.0)
    got = dk.autograd.grad((x * x).sum() * y, [x, y])
    assert isinstance(got, tuple)
    np.testing.assert_allclose(got[0].numpy(), [6, 12])
    np.testing.assert_allclose(got[1].numpy(), 5)
    assert x.grad is None


def test_grad_of_several_outputs():
    x = leaf([1.0, 2.0])
    (got,) = dk.autograd.grad([x.sum(), x * x], x, [None, dk.tensor([1.0, 10.0])])
    np.testing.assert_allclose(got.numpy(), [1 + 2, 1 + 40])


def test_an_unused_input():
    x, unused = leaf([1.0, 2.0]), leaf([[1.0]])
    with pytest.raises(AutogradError, match=r"input 1 \(shape \(1, 1\)\).*allow_unused"):
        dk.autograd.grad(x.sum(), [x, unused])
    assert dk.autograd.grad(x.sum(), [x, unused], allow_unused=True)[1] is None
    zeros = dk.autograd.grad(x.sum(), [x, unused], materialize_grads=True)[1]
    assert zeros.tolist() == [[0.0]]


def test_grad_errors():
    x = leaf([1.0, 2.0])
    with pytest.raises(ShapeError):
        dk.autograd.grad(x * x, x)
    with pytest.raises(ShapeError):
        dk.autograd.grad(x * x, x, dk.ones(3))
    with pytest.raises(ArgumentError, match="2 weights for 1"):
        dk.autograd.grad(x * x, x, [dk.ones(2), dk.ones(2)])
    with pytest.raises(AutogradError):
        dk.autograd.grad(x.detach().sum(), x)
    with pytest.raises(AutogradError):
        dk.autograd.grad(x.sum(), dk.ones(2))


def test_graphs_are_kept_on_request():
    x = leaf(2.0)
    y = x.exp()
    dk.autograd.grad(y, x, retain_graph=True)
    dk.autograd.grad(y, x)
    with pytest.raises(AutogradError):
        dk.autograd.grad(y, x)


def test_backward_of_several():
    x = leaf([1.0, 2.0])
    shared = x * x
    dk.autograd.backward([shared.sum(), shared * 3], [None, dk.tensor([1.0, 10.0])])
    np.testing.assert_allclose(x.grad.numpy(), [2 + 6, 4 + 120])
    with pytest.raises(AutogradError):
        dk.autograd.backward(shared.sum())
    other = leaf(1.0)
    dk.autograd.backward((x.sum() * other), inputs=[other])
    np.testing.assert_allclose(other.grad.numpy(), 3)
    np.testing.assert_allclose(x.grad.numpy(), [8, 124])
    with pytest.raises(ArgumentError, match="grad_tensors"):
        dk.autograd.backward([x.sum(), x.sum()], dk.ones(()))
