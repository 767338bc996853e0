"""Calls every public name of diffkit with hostile arguments; prints each outcome that is not allowed.

Run as a program, for test_bad_input.py: a crash or a hang ends this process and not the tests. The last call
is kept in the file named by the first argument; the second is the seed, the third the calls per name.
"""

import inspect
import os
import random
import re
import resource
import sys
import types
import warnings

import numpy as np

import diffkit as dk

# A wrong number of arguments, an unknown keyword, and what Python's own protocols ask for.
CALLING = re.compile(
    r"argument|keyword|positional|unexpected|len\(\) of|iteration over|unsupported operand"
    r"|not supported between"
    r"|cannot create|attribute name must|can be used as an index|object is not|bad operand|__\w+__"
)

# Exceptions that single names may raise besides DiffkitError.
ALSO = {
    "__getitem__": (IndexError, KeyError),
    "__buffer__": (BufferError,),
    "__dlpack__": (BufferError,),
    "from_dlpack": (BufferError,),
    "from_numpy": (BufferError,),
    "numpy": (BufferError,),
    "__array__": (TypeError, ValueError),  # NumPy's own, about its dtypes
    "__getattr__": (AttributeError,),
    "__setattr__": (AttributeError,),
    "__delattr__": (AttributeError,),
    "__getattribute__": (AttributeError,),
    "__next__": (StopIteration,),
    "__format__": (ValueError,),
    "__setstate__": (KeyError,),
}

# Not calls of the library on data: they end, save, or change how the process looks.
LEFT_OUT = {
    "element_op_table",
    "save",
    "load",
    "set_printoptions",
    "GradMode",
    "Any",
    "__class__",
    "__init_subclass__",
    "__subclasshook__",
    "__reduce_ex__",
    "__sizeof__",
    "__new__",
    "__init__",
    "__dir__",
    "__class_getitem__",
}

HOSTILE = [
    lambda: dk.tensor(2.5),
    lambda: dk.tensor(7),
    lambda: dk.ones(3),
    lambda: dk.ones(2, 3),
    lambda: dk.ones(3, 3, dtype=dk.float64),
    lambda: dk.zeros(0),
    lambda: dk.zeros(2, 0, 3),
    lambda: dk.ones(2, 1, 3, 1, 2, 1, 1),
    lambda: dk.arange(6).reshape(2, 3),
    lambda: dk.tensor([dk.nan, dk.inf, -dk.inf]),
    lambda: dk.tensor([[dk.nan, 1.0], [2.0, dk.inf]], dtype=dk.float64),
    lambda: dk.tensor([True, False, True]),
    lambda: dk.tensor([2**63 - 1, -(2**63), -1]),
    lambda: dk.tensor([0, 255], dtype=dk.uint8),
    lambda: dk.ones(3, requires_grad=True),
    lambda: dk.ones(2, 3, requires_grad=True) * 2,
    lambda: dk.ones(3, 4).T,
    lambda: dk.ones(1, 3).expand(2, 3),
    lambda: dk.ones(1).expand(50, 2, 50),
    lambda: dk.arange(5)[::-1],
    lambda: dk.tensor([-1, 5, 2**40]),
    lambda: dk.tensor([], dtype=dk.int64),
    lambda: dk.tensor([0, 1]),
    lambda: 0,
    lambda: 1,
    lambda: -1,
    lambda: 2,
    lambda: -7,
    lambda: 64,
    lambda: 2**31,
    lambda: -(2**31),
    lambda: 2**62,
    lambda: 2**63 - 1,
    lambda: -(2**63),
    lambda: 2**64,
    lambda: 10**30,
    lambda: True,
    lambda: 0.0,
    lambda: -1.5,
    lambda: 1e308,
    lambda: dk.nan,
    lambda: dk.inf,
    lambda: 1j,
    lambda: None,
    lambda: ...,
    lambda: "",
    lambda: "mean",
    lambda: "ij,jk->ik",
    lambda: "fro",
    lambda: "\x00",
    lambda: b"bytes",
    lambda: (),
    lambda: (0,),
    lambda: (0, 1),
    lambda: (1, 1),
    lambda: (-1, -2),
    lambda: (2**40, 2**40),
    lambda: (-1, -1),
    lambda: (2**62,),
    lambda: [0, 1],
    lambda: [[1, 2], [3]],
    lambda: [None],
    lambda: [dk.ones(2), dk.ones(3)],
    lambda: [dk.ones(2), 3],
    lambda: (dk.ones(2, 2), dk.ones(2, 2)),
    lambda: {},
    lambda: set(),
    lambda: object(),
    lambda: slice(None, None, 0),
    lambda: slice(None, None, -1),
    lambda: slice(2**70),
    lambda: np.ones((2, 2)),
    lambda: np.array(["a"]),
    lambda: np.float64(2),
    lambda: np.zeros(0, complex),
    lambda: dk.float32,
    lambda: dk.float64,
    lambda: dk.int64,
    lambda: dk.bool,
    lambda: float,
    lambda: int,
    lambda: lambda x: x,
    lambda: dk.Tensor,
    lambda: range(3),
    lambda: iter(()),
    lambda: {"dim": 1},
    lambda: np.dtype("U3"),
]

KEYWORDS = [
    "dim",
    "axis",
    "keepdim",
    "dtype",
    "requires_grad",
    "out",
    "correction",
    "descending",
    "reduction",
    "size",
    "n",
    "p",
    "ord",
    "k",
    "input",
    "other",
    "generator",
    "device",
    "steps",
    "gradient",
    "inputs",
    "nonsense",
]


def public():
    """(label, where it lives, name, whether it is a method)."""
    modules = [dk, dk.linalg, dk.nn.functional, dk.autograd, dk.random] if hasattr(dk, "random") else [dk]
    for module in modules:
        names = getattr(module, "__all__", None) or [name for name in dir(module) if not name.startswith("_")]
        for name in names:
            if name not in LEFT_OUT and callable(getattr(module, name, None)):
                yield module, name, False
    for name in dir(dk.Tensor):
        if name not in LEFT_OUT and (
            callable(getattr(dk.Tensor, name)) or inspect.isdatadescriptor(getattr(dk.Tensor, name))
        ):
            yield dk.Tensor, name, True


def show(value):
    if isinstance(value, dk.Tensor):
        grad = ", requires_grad" if value.requires_grad else ""
        return f"Tensor{tuple(value.shape)}:{value.dtype}{grad}"
    if isinstance(value, types.FunctionType):
        return "function"
    return " ".join(repr(value).split())[:60]


def allowed(name, error):
    if isinstance(error, dk.DiffkitError):
        return "unexpectedly" not in str(error) and str(error).strip() != ""
    if isinstance(error, ALSO.get(name, ())):
        return True
    return isinstance(error, TypeError) and bool(CALLING.search(str(error)))


def call(owner, name, is_method, positional, keywords):
    target = getattr(owner, name)
    if is_method and not callable(target):
        return target.__get__(positional[0])
    return target(*positional, **keywords)


def main(last, seed, calls):
    draw = random.Random(int(seed))
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    warnings.simplefilter("ignore")
    log = os.open(last, os.O_RDWR | os.O_CREAT)
    threads = dk.get_num_threads()
    made, seen = 0, set()
    for owner, name, is_method in public():
        for turn in range(int(calls)):
            positional = [draw.choice(HOSTILE)() for _ in range(draw.choice([0, 1, 1, 2, 2, 3, 4]))]
            if is_method or turn % 2:
                positional.insert(0, HOSTILE[draw.randrange(22)]())
            keywords = {
                draw.choice(KEYWORDS): draw.choice(HOSTILE)() for _ in range(draw.choice([0, 0, 0, 1, 2]))
            }
            parts = [*map(show, positional), *(f"{key}={show(value)}" for key, value in keywords.items())]
            label = f"{getattr(owner, '__name__', owner)}.{name}({', '.join(parts)})"
            os.pwrite(log, label[:600].encode(errors="replace").ljust(600), 0)
            made += 1
            try:
                call(owner, name, is_method, positional, keywords)
            except BaseException as error:
                kind = (name, type(error))
                if not allowed(name, error) and kind not in seen:
                    seen.add(kind)
                    # A note names the argument whose conversion failed; the message itself does not.
                    mark = "conversion: " if getattr(error, "__notes__", None) else ""
                    message = " ".join(str(error).split())[:200]
                    print(f"{mark}{label}: {type(error).__name__}: {message}", flush=True)
            dk.set_default_dtype(dk.float32)
            dk.set_num_threads(threads)
            dk.set_grad_enabled(True)
    print("calls", made)


if __name__ == "__main__":
    main(*sys.argv[1:])
