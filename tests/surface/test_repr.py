"""The printed text of tensors: what PyTorch prints, character for character.

The texts were taken from PyTorch, with its module's name replaced in dtypes.
"""

import pytest

import diffkit as torch


def named(text):
    """The text with the name of the module under test."""
    return text.replace("diffkit.", f"{torch.__name__}.")


@pytest.fixture(autouse=True)
def default_options():
    torch.set_printoptions(profile="default")
    yield
    torch.set_printoptions(profile="default")


TEXTS = [
    (lambda: torch.tensor(1.5), "tensor(1.5000)"),
    (lambda: torch.tensor(3.0), "tensor(3.)"),
    (lambda: torch.tensor(-7), "tensor(-7)"),
    (lambda: torch.tensor(True), "tensor(True)"),
    (lambda: torch.tensor(float("nan")), "tensor(nan)"),
    (lambda: torch.tensor(-float("inf")), "tensor(-inf)"),
    (lambda: torch.tensor(1e-5), "tensor(1.0000e-05)"),
    (lambda: torch.tensor(123456789.0), "tensor(1.2346e+08)"),
    (lambda: torch.tensor(0.1, dtype=torch.float64), "tensor(0.1000, dtype=diffkit.float64)"),
    (lambda: torch.tensor([]), "tensor([])"),
    (lambda: torch.zeros(0, 3), "tensor([], size=(0, 3))"),
    (lambda: torch.zeros(2, 0, dtype=torch.int64), "tensor([], size=(2, 0), dtype=diffkit.int64)"),
    (lambda: torch.zeros(0, dtype=torch.float64), "tensor([], dtype=diffkit.float64)"),
    (lambda: torch.zeros(0, dtype=torch.bool), "tensor([], dtype=diffkit.bool)"),
    (lambda: torch.arange(12), "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11])"),
    (lambda: torch.tensor([1, -20, 300]), "tensor([  1, -20, 300])"),
    (
        lambda: torch.tensor([[1, -2], [100, 4]]),
        """\
tensor([[  1,  -2],
        [100,   4]])""",
    ),
    (lambda: torch.tensor([1, 2], dtype=torch.int32), "tensor([1, 2], dtype=diffkit.int32)"),
    (lambda: torch.tensor([[0, 255]], dtype=torch.uint8), "tensor([[  0, 255]], dtype=diffkit.uint8)"),
    (
        lambda: torch.tensor([[True, False], [False, True]]),
        """\
tensor([[ True, False],
        [False,  True]])""",
    ),
    (lambda: torch.tensor([1.0, 2.0, 3.0]), "tensor([1., 2., 3.])"),
    (lambda: torch.tensor([-0.0, 0.0, 1.0]), "tensor([-0., 0., 1.])"),
    (lambda: torch.tensor([0.0, 0.0]), "tensor([0., 0.])"),
    (lambda: torch.tensor([1.5, -2.25, 100.0]), "tensor([  1.5000,  -2.2500, 100.0000])"),
    (
        lambda: torch.tensor([[0.1234567, 1.0], [-10.5, 0.0]]),
        """\
tensor([[  0.1235,   1.0000],
        [-10.5000,   0.0000]])""",
    ),
    (lambda: torch.tensor([0.1, 1000.0]), "tensor([1.0000e-01, 1.0000e+03])"),
    (lambda: torch.tensor([0.001, 1.0]), "tensor([0.0010, 1.0000])"),
    (lambda: torch.tensor([0.00099, 1.0]), "tensor([9.9000e-04, 1.0000e+00])"),
    (lambda: torch.tensor([1e-10, 1.0, -1e10]), "tensor([ 1.0000e-10,  1.0000e+00, -1.0000e+10])"),
    (lambda: torch.tensor([1.0, 1001.0]), "tensor([1.0000e+00, 1.0010e+03])"),
    (lambda: torch.tensor([100000.0, 1.0]), "tensor([1.0000e+05, 1.0000e+00])"),
    (lambda: torch.tensor([100000000.0]), "tensor([100000000.])"),
    (lambda: torch.tensor([200000000.0]), "tensor([2.0000e+08])"),
    (lambda: torch.tensor([1.0, float("inf"), float("nan")]), "tensor([1., inf, nan])"),
    (
        lambda: torch.tensor([1.5, -float("inf"), float("nan"), 22.0]),
        "tensor([ 1.5000,    -inf,     nan, 22.0000])",
    ),
    (lambda: torch.tensor([float("inf"), float("nan"), 0.0]), "tensor([inf, nan, 0.])"),
    (lambda: torch.tensor([1e-6, float("nan")]), "tensor([1.0000e-06,        nan])"),
    (
        lambda: torch.tensor([1.0, 2.5], dtype=torch.float64),
        "tensor([1.0000, 2.5000], dtype=diffkit.float64)",
    ),
    (
        lambda: torch.tensor([1 / 3, 2e6], dtype=torch.float64),
        "tensor([3.3333e-01, 2.0000e+06], dtype=diffkit.float64)",
    ),
    (
        lambda: torch.arange(12.0).reshape(3, 4),
        """\
tensor([[ 0.,  1.,  2.,  3.],
        [ 4.,  5.,  6.,  7.],
        [ 8.,  9., 10., 11.]])""",
    ),
    (
        lambda: torch.arange(24).reshape(2, 3, 4),
        """\
tensor([[[ 0,  1,  2,  3],
         [ 4,  5,  6,  7],
         [ 8,  9, 10, 11]],

        [[12, 13, 14, 15],
         [16, 17, 18, 19],
         [20, 21, 22, 23]]])""",
    ),
    (
        lambda: torch.ones(2, 1, 2, 2),
        """\
tensor([[[[1., 1.],
          [1., 1.]]],


        [[[1., 1.],
          [1., 1.]]]])""",
    ),
    (
        lambda: torch.arange(40),
        """\
tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,
        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
        36, 37, 38, 39])""",
    ),
    (
        lambda: torch.arange(30) / 7,
        """\
tensor([0.0000, 0.1429, 0.2857, 0.4286, 0.5714, 0.7143, 0.8571, 1.0000, 1.1429,
        1.2857, 1.4286, 1.5714, 1.7143, 1.8571, 2.0000, 2.1429, 2.2857, 2.4286,
        2.5714, 2.7143, 2.8571, 3.0000, 3.1429, 3.2857, 3.4286, 3.5714, 3.7143,
        3.8571, 4.0000, 4.1429])""",
    ),
    (
        lambda: torch.arange(50.0).reshape(2, 25),
        """\
tensor([[ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,
         14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24.],
        [25., 26., 27., 28., 29., 30., 31., 32., 33., 34., 35., 36., 37., 38.,
         39., 40., 41., 42., 43., 44., 45., 46., 47., 48., 49.]])""",
    ),
    (lambda: torch.arange(1001), "tensor([   0,    1,    2,  ...,  998,  999, 1000])"),
    (
        lambda: torch.arange(1001.0) / 4,
        ("tensor([  0.0000,   0.2500,   0.5000,  ..., 249.5000, 249.7500, 250.0000])"),
    ),
    (
        lambda: torch.arange(2000).reshape(1000, 2),
        """\
tensor([[   0,    1],
        [   2,    3],
        [   4,    5],
        ...,
        [1994, 1995],
        [1996, 1997],
        [1998, 1999]])""",
    ),
    (
        lambda: torch.arange(10000.0).reshape(100, 100),
        """\
tensor([[0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., 9.7000e+01, 9.8000e+01,
         9.9000e+01],
        [1.0000e+02, 1.0100e+02, 1.0200e+02,  ..., 1.9700e+02, 1.9800e+02,
         1.9900e+02],
        [2.0000e+02, 2.0100e+02, 2.0200e+02,  ..., 2.9700e+02, 2.9800e+02,
         2.9900e+02],
        ...,
        [9.7000e+03, 9.7010e+03, 9.7020e+03,  ..., 9.7970e+03, 9.7980e+03,
         9.7990e+03],
        [9.8000e+03, 9.8010e+03, 9.8020e+03,  ..., 9.8970e+03, 9.8980e+03,
         9.8990e+03],
        [9.9000e+03, 9.9010e+03, 9.9020e+03,  ..., 9.9970e+03, 9.9980e+03,
         9.9990e+03]])""",
    ),
    (
        lambda: torch.zeros(20, 2, 30),
        """\
tensor([[[0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.]],

        [[0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.]],

        [[0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.]],

        ...,

        [[0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.]],

        [[0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.]],

        [[0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.]]])""",
    ),
    (lambda: torch.arange(1000000) < 3, "tensor([ True,  True,  True,  ..., False, False, False])"),
    (lambda: torch.ones(3, requires_grad=True), "tensor([1., 1., 1.], requires_grad=True)"),
    (
        lambda: torch.ones(3, dtype=torch.float64, requires_grad=True),
        ("tensor([1., 1., 1.], dtype=diffkit.float64, requires_grad=True)"),
    ),
    (lambda: torch.tensor(2.0, requires_grad=True), "tensor(2., requires_grad=True)"),
    (lambda: torch.zeros(0, 2, requires_grad=True), "tensor([], size=(0, 2), requires_grad=True)"),
    (lambda: torch.ones(2, requires_grad=True).detach(), "tensor([1., 1.])"),
    (lambda: torch.ones(3, requires_grad=True) * 2, "tensor([2., 2., 2.], grad_fn=<MulBackward0>)"),
    (
        lambda: torch.ones(3, dtype=torch.float64, requires_grad=True) + 1,
        ("tensor([2., 2., 2.], dtype=diffkit.float64, grad_fn=<AddBackward0>)"),
    ),
    (lambda: torch.ones(3, requires_grad=True) - 1, "tensor([0., 0., 0.], grad_fn=<SubBackward0>)"),
    (
        lambda: torch.ones(2, 2, requires_grad=True) / 3,
        """\
tensor([[0.3333, 0.3333],
        [0.3333, 0.3333]], grad_fn=<DivBackward0>)""",
    ),
    (lambda: torch.ones(2, requires_grad=True) ** 2, "tensor([1., 1.], grad_fn=<PowBackward0>)"),
    (lambda: -torch.ones(2, requires_grad=True), "tensor([-1., -1.], grad_fn=<NegBackward0>)"),
    (lambda: torch.arange(4.0, requires_grad=True).sum(), "tensor(6., grad_fn=<SumBackward0>)"),
    (lambda: torch.arange(4.0, requires_grad=True).mean(), "tensor(1.5000, grad_fn=<MeanBackward0>)"),
    (
        lambda: torch.arange(3.0, requires_grad=True).exp(),
        "tensor([1.0000, 2.7183, 7.3891], grad_fn=<ExpBackward0>)",
    ),
    (
        lambda: torch.tensor([-1.0, 1.0], requires_grad=True).relu(),
        "tensor([0., 1.], grad_fn=<ReluBackward0>)",
    ),
    (
        lambda: torch.dot(torch.ones(2, requires_grad=True), torch.ones(2)),
        "tensor(2., grad_fn=<DotBackward0>)",
    ),
    (
        lambda: torch.mm(torch.ones(2, 2, requires_grad=True), torch.ones(2, 2)),
        """\
tensor([[2., 2.],
        [2., 2.]], grad_fn=<MmBackward0>)""",
    ),
    (lambda: torch.ones(2, requires_grad=True).clone(), "tensor([1., 1.], grad_fn=<CloneBackward0>)"),
    (
        lambda: (torch.arange(25.0, requires_grad=True) * 0.5).reshape(5, 5) + 1,
        """\
tensor([[ 1.0000,  1.5000,  2.0000,  2.5000,  3.0000],
        [ 3.5000,  4.0000,  4.5000,  5.0000,  5.5000],
        [ 6.0000,  6.5000,  7.0000,  7.5000,  8.0000],
        [ 8.5000,  9.0000,  9.5000, 10.0000, 10.5000],
        [11.0000, 11.5000, 12.0000, 12.5000, 13.0000]], grad_fn=<AddBackward0>)""",
    ),
    (
        lambda: torch.arange(14.0, requires_grad=True) * 1.5,
        """\
tensor([ 0.0000,  1.5000,  3.0000,  4.5000,  6.0000,  7.5000,  9.0000, 10.5000,
        12.0000, 13.5000, 15.0000, 16.5000, 18.0000, 19.5000],
       grad_fn=<MulBackward0>)""",
    ),
]


@pytest.mark.parametrize(("make", "text"), TEXTS, ids=[text.split("\n")[0] for _, text in TEXTS])
def test_repr(make, text):
    assert repr(make()) == named(text)
    assert str(make()) == named(text)


OPTIONS = [
    (dict(precision=2), lambda: torch.tensor([0.12345, 10.0]), "tensor([ 0.12, 10.00])"),
    (dict(precision=8), lambda: torch.tensor([0.12345, 10.0]), "tensor([ 0.12345000, 10.00000000])"),
    (dict(precision=0), lambda: torch.tensor([0.6, 10.0]), "tensor([ 1, 10])"),
    (dict(precision=2), lambda: torch.tensor([1e-7, 10.0]), "tensor([1.00e-07, 1.00e+01])"),
    (dict(sci_mode=False), lambda: torch.tensor([1e-7, 10.0]), "tensor([ 0.0000, 10.0000])"),
    (dict(sci_mode=True), lambda: torch.tensor([1.0, 20.5]), "tensor([1.0000e+00, 2.0500e+01])"),
    (dict(threshold=5), lambda: torch.arange(7), "tensor([0, 1, 2,  ..., 4, 5, 6])"),
    (dict(threshold=5), lambda: torch.arange(5), "tensor([0, 1, 2, 3, 4])"),
    (
        dict(threshold=5, edgeitems=1),
        lambda: torch.arange(12).reshape(3, 4),
        """\
tensor([[ 0,  ...,  3],
        ...,
        [ 8,  ..., 11]])""",
    ),
    (
        dict(edgeitems=2, threshold=10),
        lambda: torch.arange(100.0).reshape(10, 10),
        """\
tensor([[ 0.,  1.,  ...,  8.,  9.],
        [10., 11.,  ..., 18., 19.],
        ...,
        [80., 81.,  ..., 88., 89.],
        [90., 91.,  ..., 98., 99.]])""",
    ),
    (
        dict(linewidth=40),
        lambda: torch.arange(20),
        """\
tensor([ 0,  1,  2,  3,  4,  5,  6,  7,
         8,  9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19])""",
    ),
    (
        dict(linewidth=30),
        lambda: torch.ones(2, dtype=torch.float64, requires_grad=True),
        """\
tensor([1., 1.],
       dtype=diffkit.float64,
       requires_grad=True)""",
    ),
    (
        dict(profile="short"),
        lambda: torch.arange(2000) / 3,
        "tensor([0.00e+00, 3.33e-01,  ..., 6.66e+02, 6.66e+02])",
    ),
    (dict(profile="full"), lambda: torch.zeros(1001).sum() + torch.tensor([0.5]), "tensor([0.5000])"),
]


@pytest.mark.parametrize(("options", "make", "text"), OPTIONS, ids=str)
def test_options(options, make, text):
    torch.set_printoptions(**options)
    assert repr(make()) == named(text)
    torch.set_printoptions(profile="default")
    assert repr(torch.tensor([0.5])) == "tensor([0.5000])"


def test_options_stay_until_changed():
    torch.set_printoptions(2, sci_mode=False)
    torch.set_printoptions(threshold=5)
    assert repr(torch.tensor([0.12345])) == "tensor([0.12])"
    assert repr(torch.arange(8)) == "tensor([0, 1, 2,  ..., 5, 6, 7])"
    # leaving sci_mode out sets it back to automatic
    assert repr(torch.tensor([1e-7])) == "tensor([1.00e-07])"


def test_print(capsys):
    print(torch.tensor([1.0, 2.0]), torch.tensor(3))
    assert capsys.readouterr().out == "tensor([1., 2.]) tensor(3)\n"


def test_repr_in_containers():
    assert repr([torch.tensor(1), torch.tensor([0.5])]) == "[tensor(1), tensor([0.5000])]"
    assert f"{torch.tensor([1, 2])}" == "tensor([1, 2])"


def test_repr_of_a_view():
    x = torch.arange(6.0).reshape(2, 3)
    assert repr(x.T) == "tensor([[0., 3.],\n        [1., 4.],\n        [2., 5.]])"
    assert repr(x[:, ::2]) == "tensor([[0., 2.],\n        [3., 5.]])"


def test_printing_is_not_recorded():
    x = torch.ones(2000, requires_grad=True)
    y = x * 2
    repr(y)
    y.sum().backward()
    assert x.grad.tolist() == [2.0] * 2000
