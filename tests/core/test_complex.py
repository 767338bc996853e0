"""Complex numbers: values against NumPy, gradients against differences by the real and the imaginary part."""

import numpy as np
import pytest

import diffkit as dk

TABLE = dk._core.element_op_table()
ON_COMPLEX = [row for row in TABLE if row["class"] in ("field", "ring", "any")]
OWN = {"abs", "sign", "angle"}
TWO = ("add", "sub", "mul", "div", "pow", "strong_mul")
NAMES = {
    "neg": np.negative, "positive": np.positive, "square": np.square, "sqrt": np.sqrt,
    "rsqrt": lambda z: 1 / np.sqrt(z), "reciprocal": np.reciprocal, "exp": np.exp, "exp2": np.exp2,
    "expm1": np.expm1, "log": np.log, "log2": np.log2, "log10": np.log10, "log1p": np.log1p, "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh,
    "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)), "add": np.add, "sub": np.subtract, "mul": np.multiply,
    "div": np.divide, "pow": np.power, "strong_mul": np.multiply,
    "abs": np.abs, "sign": np.sign, "angle": np.angle,
}  # fmt: skip
STEP = 1e-5

every_row = pytest.mark.parametrize("row", ON_COMPLEX, ids=lambda row: row["name"])


def points(arity, n=40, seed=0):
    """Away from the cuts, which lie on the axes, and from the poles."""
    draw = np.random.default_rng(seed)
    return [
        draw.choice([-1, 1], n) * draw.uniform(0.2, 2, n)
        + 1j * draw.choice([-1, 1], n) * draw.uniform(0.2, 2, n)
        for _ in range(arity)
    ]


def leaf(values):
    return dk.tensor(values).requires_grad_()


def differences(loss, inputs, i):
    """dL/d(re) + i dL/d(im), by central differences, of a real loss that is a sum over elements."""

    def slope(step):
        ends = [
            loss(*[dk.tensor(x + sign * step if j == i else x) for j, x in enumerate(inputs)])
            .detach()
            .numpy()
            for sign in (1, -1)
        ]
        return (ends[0] - ends[1]) / (2 * STEP)

    if not np.iscomplexobj(inputs[i]):
        return slope(STEP)
    return slope(STEP) + 1j * slope(1j * STEP)


def real_of(z, weight):
    """A real number for each element, in which both parts of z count."""
    if not z.is_complex():
        return z * dk.tensor(weight.real.copy())
    return (z * dk.tensor(weight)).real


def check(function, inputs, second=True):
    """First and second order gradients of a function of each element against differences."""
    weight = points(1, len(inputs[0]), seed=9)[0]
    outer = points(1, len(inputs[0]), seed=10)[0]

    def loss(*args):
        return real_of(function(*args), weight)

    def gradient(i):
        def of(*args):
            args = [x if x.requires_grad else x.requires_grad_() for x in args]
            (found,) = dk.autograd.grad(loss(*args).sum(), [args[i]], create_graph=True)
            return real_of(found, outer)

        return of

    for i in range(len(inputs)):
        leaves = [leaf(x) for x in inputs]
        (found,) = dk.autograd.grad(loss(*leaves).sum(), [leaves[i]])
        np.testing.assert_allclose(found.numpy(), differences(loss, inputs, i), rtol=1e-7, atol=1e-7)
        for j in range(len(inputs) if second else 0):
            leaves = [leaf(x) for x in inputs]
            total = gradient(i)(*leaves).sum()
            if not total.requires_grad:
                found = np.zeros_like(inputs[j])
            else:
                (found,) = dk.autograd.grad(total, [leaves[j]], materialize_grads=True)
                found = found.numpy()
            np.testing.assert_allclose(found, differences(gradient(i), inputs, j), rtol=1e-6, atol=1e-6)


def test_every_complex_row_has_a_reference():
    assert {row["name"] for row in ON_COMPLEX} | OWN == set(NAMES)


@pytest.mark.parametrize("name", sorted(NAMES))
@pytest.mark.parametrize(("dtype", "tolerance"), [("complex64", 1e-6), ("complex128", 1e-13)])
def test_values(name, dtype, tolerance):
    inputs = [x.astype(dtype) for x in points(2 if name in TWO else 1)]
    got = getattr(dk, name)(*map(dk.tensor, inputs)).numpy()
    want = NAMES[name](*[x.astype("complex128") for x in inputs])
    assert got.dtype == (np.dtype(dtype) if np.iscomplexobj(want) else inputs[0].real.dtype)
    np.testing.assert_allclose(got, want, rtol=tolerance)
    strided = getattr(dk, name)(*[dk.tensor(np.repeat(x, 2))[::2] for x in inputs])
    np.testing.assert_array_equal(strided.numpy(), got)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_gradients(name):
    check(getattr(dk, name), points(2 if name in TWO else 1))


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "pow"])
def test_gradients_of_a_real_and_a_complex_input(name):
    z = points(1)[0]
    x = np.random.default_rng(3).uniform(0.5, 2, len(z))
    check(getattr(dk, name), [x, z])
    check(getattr(dk, name), [z, x])


PARTS = {
    "real": lambda z: z.real,
    "imag": lambda z: z.imag,
    "conj": dk.conj,
    "rebuilt": lambda z: dk.complex(z.imag, z.real),
    "polar": lambda z: dk.polar(abs(z), dk.angle(z)) * z,
    "as real": lambda z: dk.view_as_real(z)[:, 1] * dk.view_as_real(z)[:, 0],
    "as complex": lambda z: dk.view_as_complex(dk.view_as_real(z) * 2),
    "cumsum": lambda z: z.cumsum(0).flip(0) * 0 + z * z,
    "to": lambda z: z.to(dk.complex64).to(dk.complex128) * 0 + z,
}


@pytest.mark.parametrize("name", PARTS)
def test_gradients_of_parts(name):
    check(PARTS[name], points(1))


@pytest.mark.parametrize(
    "function",
    [
        lambda a, b: (a @ b).sum(0),
        lambda a, b: dk.vecdot(a[0], b[:, 0]),
        lambda a, b: dk.dot(a[0], b[:, 0]),
        lambda a, b: a.sum(1) * b.mean(0).sum(),
        lambda a, b: a.prod(1) + b.var(0, correction=0).sum(),
        lambda a, b: a.cumsum(1) @ b.cumprod(0),
        lambda a, b: dk.einsum("ij,jk->ik", a, b) + dk.outer(a[0], b[:, 1]).sum(),
        lambda a, b: a[dk.tensor([0, 1, 1])].sum() * b[1:].abs().sum(),
    ],
)
def test_gradients_of_what_mixes_elements(function):
    draw = np.random.default_rng(5)
    a, b = (draw.normal(size=s) + 1j * draw.normal(size=s) for s in ((2, 3), (3, 2)))

    def loss(a, b):
        out = function(a, b)
        return (out * dk.conj(out)).real.sum() + (out.real if out.is_complex() else out).sum()

    leaves = [leaf(a), leaf(b)]
    found = dk.autograd.grad(loss(*leaves), leaves)
    for i, (x, got) in enumerate(zip((a, b), found, strict=True)):
        want = np.zeros_like(x)
        for place in np.ndindex(x.shape):
            for step in (STEP, 1j * STEP):
                ends = []
                for sign in (1, -1):
                    moved = x.copy()
                    moved[place] += sign * step
                    at = [moved if j == i else other for j, other in enumerate((a, b))]
                    ends.append(loss(*map(dk.tensor, at)).item())
                want[place] += (ends[0] - ends[1]) / (2 * STEP) * (step / STEP)
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-6, atol=1e-6)


def test_awkward_points():
    z = leaf(np.zeros(2, complex))
    (g,) = dk.autograd.grad(z.abs().sum(), [z])
    assert g.tolist() == [0, 0]
    (g,) = dk.autograd.grad(dk.sgn(z).real.sum(), [z])
    assert g.tolist() == [0, 0]
    assert dk.sgn(z).tolist() == [0, 0]
    huge = dk.tensor([3e200 + 4e200j, 3e-200 - 4e-200j], dtype=dk.complex128)
    np.testing.assert_allclose(huge.abs().numpy(), [5e200, 5e-200], rtol=1e-15)


def test_backward_asks_for_a_real_loss():
    z = leaf(np.array(1 + 2j))
    with pytest.raises(dk.errors.DTypeError, match="complex"):
        (z * z).backward()
    (z * z).backward(dk.tensor(1.0 + 0j))
    assert z.grad.item() == 2 - 4j  # the conjugate of 2z


def test_parts_are_written_in_place():
    z = dk.zeros(3, dtype=dk.complex128)
    z.real = 1.0
    z.imag = dk.arange(3.0)
    assert z.tolist() == [1, 1 + 1j, 1 + 2j]
    x, z = leaf(np.ones(3)), dk.zeros(3, dtype=dk.complex128)
    z.imag = x * 3
    (g,) = dk.autograd.grad((z * z).real.sum(), [x])
    assert g.tolist() == [-18.0] * 3


def test_python_numbers():
    z = dk.tensor(1 + 2j)
    assert (complex(z), z.item(), z.dtype, bool(z)) == (1 + 2j, 1 + 2j, dk.complex64, True)
    assert bool(dk.tensor(1j))
    for number in (float, int):
        with pytest.raises(TypeError, match="complex"):
            number(z)
    assert dk.tensor([1, 2.5, 1j]).dtype == dk.complex64
    with pytest.raises(TypeError, match="real"):
        dk.tensor([1.0]).fill_(1j)
    x = dk.ones(2)
    with pytest.raises(TypeError):
        x += 1j


def test_text():
    assert repr(dk.tensor([1 + 2j, -0.5 - 1j])) == "tensor([ 1.0000+2.j, -0.5000-1.j])"
    assert repr(dk.tensor(1j, dtype=dk.complex128)) == "tensor(0.+1.j, dtype=diffkit.complex128)"
