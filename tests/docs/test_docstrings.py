"""Every public name is documented, and every example in a docstring gives what it shows."""

import doctest
import importlib
import inspect
import sys
from types import MemberDescriptorType

import pytest

import diffkit

MODULES = [
    "diffkit",
    "diffkit.array_api",
    "diffkit.array_api.fft",
    "diffkit.array_api.linalg",
    "diffkit.autograd",
    "diffkit.data",
    "diffkit.distributions",
    "diffkit.errors",
    "diffkit.functional",
    "diffkit.linalg",
    "diffkit.nn.functional",
    "diffkit.probability",
    "diffkit.random",
    "diffkit.testing",
]
TABLE = diffkit._core.element_op_table()
#: Rows of the elementwise tables state a formula and a derivative; `test_rows` looks at those instead.
ROWS = {
    name + suffix for row in TABLE for name in (row["name"], *row["aliases"]) for suffix in ("", "_")
}  # fmt: skip
#: What else needs no example.
NO_EXAMPLE = {
    # base classes: what is built on them has the example
    "diffkit.autograd.GradMode",
    "diffkit.distributions.Distribution",
    # the classes of results: what returns them has the example
    "diffkit.Node",
    "diffkit.data.Column",
    "diffkit.data.Prepared",
    "diffkit.linalg.EigResult",
    "diffkit.linalg.EighResult",
    "diffkit.linalg.LUResult",
    "diffkit.linalg.LstsqResult",
    "diffkit.linalg.QRResult",
    "diffkit.linalg.SVDResult",
    "diffkit.linalg.SlogdetResult",
    "diffkit.probability.Bayes",
    "diffkit.probability.IndependenceTest",
}


def collect():
    """Name -> object of all that is public, each object under the first of its names."""
    found, seen = {}, set()

    def add(name, thing):
        thing = getattr(thing, "__func__", thing)
        if id(thing) not in seen:
            seen.add(id(thing))
            found[name] = thing

    for module_name in MODULES:
        module = importlib.import_module(module_name)
        add(module_name, module)
        for name in getattr(module, "__all__", None) or [name for name in vars(module) if name[0] != "_"]:
            thing = getattr(module, name)
            home = getattr(thing, "__module__", None) or "diffkit"
            if not callable(thing) or not home.startswith("diffkit"):
                continue
            add(f"{module_name}.{name}", thing)
            if inspect.isclass(thing):
                for member, value in vars(thing).items():
                    if (
                        member[0] != "_"
                        and not isinstance(value, MemberDescriptorType)
                        and hasattr(value, "__get__")
                    ):
                        add(f"{module_name}.{name}.{member}", value)
    return found


EVERYTHING = collect()
WITH_EXAMPLES = {name: thing for name, thing in EVERYTHING.items() if ">>>" in (inspect.getdoc(thing) or "")}


def needs_example(name, thing):
    """Functions, classes and methods of Tensor do; methods of other classes share their class's example."""
    if not callable(thing) or name in NO_EXAMPLE or name.rpartition(".")[2] in ROWS:
        return False
    if inspect.isclass(thing):
        return not issubclass(thing, Exception)
    owner = EVERYTHING.get(name.rpartition(".")[0])
    return owner is diffkit.Tensor or not inspect.isclass(owner)


def test_the_collection_is_whole():
    assert {"diffkit.matmul", "diffkit.Tensor.item", "diffkit.data.Recipe.fit"} <= set(EVERYTHING)
    assert len(WITH_EXAMPLES) > 150
    assert not NO_EXAMPLE - set(EVERYTHING)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_example(name):
    thing = WITH_EXAMPLES[name]
    home = thing if inspect.ismodule(thing) else sys.modules.get(getattr(thing, "__module__", None) or "")
    names = {**(vars(home) if home else {}), "diffkit": diffkit, "__name__": "__main__"}
    test = doctest.DocTestParser().get_doctest(inspect.getdoc(thing), names, name, None, None)
    report = []
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    doctest.DocTestRunner(optionflags=options, verbose=False).run(test, out=report.append)
    assert not report, "".join(report)


@pytest.mark.parametrize("name", EVERYTHING)
def test_documented(name):
    thing = EVERYTHING[name]
    assert inspect.getdoc(thing), f"{name} has no docstring"
    if needs_example(name, thing) and name not in WITH_EXAMPLES:
        pytest.fail(f"the docstring of {name} has no example", pytrace=False)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["name"])
def test_rows(row):
    text = inspect.getdoc(getattr(diffkit, row["name"]))
    assert text.startswith(f"`{row['name']}(")
    assert ("Derivative by input" in text) == row["differentiable"]
    assert ("Derivative by other" in text) == (row["differentiable"] and row["arity"] == 2)
