"""No name that both libraries have is forgotten, and no line of the tables compares nothing."""

import pytest

import diffkit as dk

from . import meant, run
from .run import torch
from .spec import HOMES
from .tables import ALL

#: Shared names that are not compared by a table, and why.
ELSEWHERE = {
    "top": {
        "not a computation": {
            "Generator",
            "Node",
            "Tensor",
            "autograd",
            "default_generator",
            "device",
            "distributions",
            "dtype",
            "e",
            "fft",
            "finfo",
            "functional",
            "iinfo",
            "inf",
            "linalg",
            "nan",
            "newaxis",
            "nn",
            "pi",
            "random",
            "testing",
        },
        "a setting or a mode; tests/surface, tests/autograd": {
            "enable_grad",
            "get_default_dtype",
            "get_fusion",
            "get_num_threads",
            "inference_mode",
            "is_grad_enabled",
            "no_grad",
            "set_default_dtype",
            "set_fusion",
            "set_grad_enabled",
            "set_num_threads",
            "set_printoptions",
        },
        "random state; tests/core": {
            "get_rng_state",
            "initial_seed",
            "manual_seed",
            "seed",
            "set_rng_state",
        },
        "files; tests/interop": {"load", "save"},
        "dtypes": {
            "bool",
            "cdouble",
            "cfloat",
            "complex128",
            "complex64",
            "double",
            "float",
            "float32",
            "float64",
            "int",
            "int16",
            "int32",
            "int64",
            "int8",
            "long",
            "short",
            "uint16",
            "uint32",
            "uint64",
            "uint8",
        },
        "older names of torch.linalg with other conventions": {
            "cond",
            "eig",
            "lstsq",
            "lu",
            "matrix_rank",
            "qr",
            "solve",
            "svd",
        },
        "torch's are the kernels behind nn.functional, whose reduction is a number": {
            "binary_cross_entropy_with_logits",
            "kl_div",
        },
    },
    "functional": {},
    "linalg": {
        "factors are unique up to signs and phases only; tests/linalg": {
            "eig",
            "eigh",
            "eigvals",
            "lstsq",
            "lu",
            "qr",
            "svd",
        },
    },
    "fft": {"not a computation": {"Tensor"}},
    "method": {
        "not a computation, or compared as a function": {
            "data",
            "data_ptr",
            "device",
            "grad",
            "grad_fn",
            "numpy",
        },
        "needs a graph; tests/autograd": {"backward"},
        "random in place; tests/core": {
            "bernoulli_",
            "exponential_",
            "normal_",
            "random_",
            "requires_grad_",
            "uniform_",
        },
        "attributes that are functions as well": {"real", "imag"},
        "an older name of torch.linalg": {"qr", "svd"},
    },
}

PLACES = {
    "top": (dk, torch),
    "functional": (dk.nn.functional, torch.nn.functional),
    "linalg": (dk.linalg, torch.linalg),
    "fft": (dk.fft, torch.fft),
    "method": (dk.Tensor, torch.Tensor),
}

NAMES = {home: {one.name for one in ALL if one.home == home} for home in (*HOMES, "attribute")}


def public(place):
    return {name for name in getattr(place, "__all__", dir(place)) if not name.startswith("_")}


def shared(home):
    ours, theirs = PLACES[home]
    return {name for name in public(ours) if hasattr(theirs, name)}


def compared(home):
    """The names that the tables reach, in-place forms and methods by way of functions."""
    if home != "method":
        return NAMES[home]
    functions = NAMES["top"] | NAMES["functional"]
    names = NAMES["method"] | NAMES["attribute"] | functions
    return names | {name + "_" for name in names}


@pytest.mark.parametrize("home", PLACES)
def test_no_shared_name_is_forgotten(home):
    excused = {name for names in ELSEWHERE[home].values() for name in names}
    assert not sorted(shared(home) - compared(home) - excused)


@pytest.mark.parametrize("home", PLACES)
def test_no_excuse_is_stale(home):
    excused = {name for names in ELSEWHERE[home].values() for name in names}
    assert not sorted(excused & NAMES[home])


def test_every_line_names_what_both_have():
    assert not sorted(
        {one.id for one in ALL if not all(run.is_in(library, one) for library in run.LIBRARIES)}
    )


def test_every_difference_that_is_meant_was_met(request):
    """Runs last; needs the comparisons to have run before."""
    ran = {item.path.name for item in request.session.items}
    options = request.config.option
    if "test_parity.py" not in ran or options.keyword or any("::" in arg for arg in request.config.args):
        pytest.skip("not all comparisons ran")
    assert not sorted(set(meant.MEANT) - meant.MET)
