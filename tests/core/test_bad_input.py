"""Bad input gives one clear error: never a panic, an abort, a hang, or an exception of another kind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import diffkit as dk
from diffkit.errors import AllocationError, ArgumentError, DiffkitError, DTypeError, ShapeError

WALK = Path(__file__).with_name("hostile_calls.py")


@pytest.fixture(scope="module", params=[1, 2, 3])
def outcomes(request, tmp_path_factory):
    """The outcomes that are not allowed, of some ten thousand calls in a process of its own."""
    last = tmp_path_factory.mktemp("calls") / "last"
    command = [sys.executable, "-X", "faulthandler", str(WALK), str(last), str(request.param), "50"]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=100, env=environment)
    except subprocess.TimeoutExpired:
        pytest.fail(f"hangs in {last.read_text().strip()}")
    assert ran.returncode == 0, f"died in {last.read_text().strip()}\n{ran.stderr[-3000:]}"
    *found, calls = ran.stdout.splitlines()
    assert int(calls.split()[1]) > 10_000
    return found, ran.stderr


def test_hostile_calls(outcomes):
    found = [line for line in outcomes[0] if not line.startswith("conversion: ")]
    assert not found, f"{len(found)} outcomes that are not allowed:\n" + "\n".join(found[:80])
    assert "panicked" not in outcomes[1], outcomes[1][:3000]


def test_arguments_of_wrong_types(outcomes):
    """A number, a word or a flag that is none is a DiffkitError that names the operation."""
    found = [line for line in outcomes[0] if line.startswith("conversion: ")]
    assert not found, f"{len(found)} conversions that fail without one:\n" + "\n".join(found[:80])


def test_the_walk_reports_what_it_should(tmp_path):
    """Planted faults are found: a wrong exception, a panic's class, an empty message."""
    planted = (
        "import diffkit as dk, runpy, sys\n"
        "class PanicException(BaseException): pass\n"
        "def fault(*a, **k): raise SystemError('planted')\n"
        "def panic(*a, **k): raise PanicException('planted')\n"
        "def silent(*a, **k): raise dk.DiffkitError('')\n"
        "dk.fault, dk.panic, dk.silent = fault, panic, silent\n"
        "dk.__all__ = ['fault', 'panic', 'silent', 'sin']\n"
        f"sys.argv = ['walk', {str(tmp_path / 'last')!r}, '1', '3']\n"
        f"runpy.run_path({str(WALK)!r}, run_name='__main__')\n"
    )
    ran = subprocess.run([sys.executable, "-c", planted], capture_output=True, text=True, timeout=60)
    for line in ("SystemError: planted", "PanicException: planted", "DiffkitError: "):
        assert line in ran.stdout
    assert "diffkit.sin" not in ran.stdout


HUGE = [
    ("zeros", lambda: dk.zeros((2**40, 2**40))),
    ("zeros of one axis", lambda: dk.zeros(2**60)),
    ("zeros, just too large", lambda: dk.zeros(2**47)),
    ("ones", lambda: dk.ones(2**50, dtype=dk.uint8)),
    ("empty", lambda: dk.empty(2**63 - 1)),
    ("full", lambda: dk.full((2**31, 2**31), 1.5)),
    ("arange", lambda: dk.arange(2**62)),
    ("arange of floats", lambda: dk.arange(0.0, 1e18, 1.0)),
    ("arange of tiny steps", lambda: dk.arange(0.0, 1.0, 1e-300)),
    ("eye", lambda: dk.eye(2**40)),
    ("linspace", lambda: dk.linspace(0, 1, 2**50)),
    ("rand", lambda: dk.rand(2**50)),
    ("randn", lambda: dk.randn(2**40, 2**20)),
    ("randint", lambda: dk.randint(0, 9, (2**50,))),
    ("repeat", lambda: dk.ones(3).repeat(2**60)),
    ("repeat_interleave", lambda: dk.repeat_interleave(dk.ones(3), 2**60)),
    ("contiguous", lambda: dk.ones(1).expand(2**50).contiguous()),
    ("sum of expanded", lambda: dk.ones(1).expand(2**50) + 1),
    ("in dtypes", lambda: dk.ones(1).expand(2**50).to(dk.float64)),
    ("broadcast", lambda: dk.ones(1).expand(2**25, 1) * dk.ones(1).expand(1, 2**25)),
    ("outer", lambda: dk.outer(dk.ones(1).expand(2**30), dk.ones(1).expand(2**30))),
    ("matmul", lambda: dk.ones(1, 1).expand(2**30, 1) @ dk.ones(1, 1).expand(1, 2**30)),
    ("cat", lambda: dk.cat([dk.ones(1).expand(2**50)] * 2)),
    ("stack", lambda: dk.stack([dk.ones(1).expand(2**50)] * 2)),
    ("diag", lambda: dk.diag(dk.ones(1).expand(2**30))),
    ("one_hot", lambda: dk.nn.functional.one_hot(dk.tensor([2**60]))),
    ("bincount", lambda: dk.bincount(dk.tensor([2**60]))),
    ("tril_indices", lambda: dk.tril_indices(2**40, 2**40)),
]


@pytest.mark.parametrize(("name", "ask"), HUGE, ids=[name for name, _ in HUGE])
def test_more_memory_than_there_is(name, ask):
    with pytest.raises(AllocationError) as caught:
        ask()
    assert isinstance(caught.value, MemoryError)


def test_sizes_that_overflow():
    for ask in (
        lambda: dk.zeros(2**40, 2**40, 0),
        lambda: dk.ones(1).expand(2**40, 2**40),
        lambda: dk.ones(2**3).repeat(2**62, 4),
        lambda: dk.zeros(2**64),
        lambda: dk.zeros(-1),
        lambda: dk.ones(4).reshape(2**62, 8),
        lambda: dk.ones(4).narrow(0, 2**62, 2**62),
        lambda: dk.ones(4)[2**70],
        lambda: dk.ones(4).roll(-(2**63)),
    ):
        try:
            ask()
        except DiffkitError:
            continue
        except OverflowError as error:
            pytest.fail(f"OverflowError instead of a DiffkitError: {error}")


def test_errors_say_what_is_wrong_and_with_what():
    a, b = dk.ones(2, 3), dk.ones(4, 5)
    for call, kind, words in [
        (lambda: a + b, ShapeError, ["add", "(2, 3)", "(4, 5)"]),
        (lambda: a @ b, ShapeError, ["matmul", "(2, 3)", "(4, 5)"]),
        (lambda: dk.dot(a, b), ShapeError, ["dot", "(2, 3)"]),
        (lambda: a.reshape(4), ShapeError, ["reshape", "(2, 3)", "4"]),
        (lambda: a.sum(dim=5), IndexError, ["sum", "5", "2"]),
        (lambda: a[7], IndexError, ["7", "2"]),
        (lambda: dk.cat([a, b]), ShapeError, ["cat", "(2, 3)", "(4, 5)"]),
        (lambda: dk.bitwise_and(a, a), DTypeError, ["bitwise_and", "float32"]),
        (lambda: dk.tensor([1, 2]).mean(), DTypeError, ["mean", "int64"]),
        (lambda: dk.ones(0).max(), (ShapeError, ArgumentError), ["max"]),
        (lambda: dk.tensor([[1, 2], [3]]), (ShapeError, ArgumentError), ["tensor"]),
        (lambda: dk.tensor("text"), DTypeError, ["tensor", "str"]),
        (lambda: a.view(3, 3), ShapeError, ["view", "(2, 3)"]),
        (lambda: bool(a), ShapeError, ["bool", "any()"]),
        (lambda: a.item(), ShapeError, ["item"]),
        (lambda: dk.tensor([1]) // dk.tensor([0]), ArgumentError, ["floor_divide", "zero"]),
        (lambda: dk.tensor([2]) ** dk.tensor([-1]), ArgumentError, ["pow"]),
    ]:
        with pytest.raises(kind) as caught:
            call()
        assert isinstance(caught.value, DiffkitError)
        for word in words:
            assert word in str(caught.value)
        assert "\n" not in str(caught.value)
