"""The types that a user's checker sees: a sample program, and the stub against what exists at run time."""

import ast
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from diffkit import _core

HERE = Path(__file__).parent
STUB = HERE.parents[1] / "python/diffkit/_core.pyi"
#: What Python puts into every module or class, and what the stub leaves out on purpose.
UNDECLARED = {
    "__getattr__",  # only words the error for a name that does not exist
    "__delitem__",  # comes with __setitem__, and raises
    "__setattr__", "__delattr__", "__new__", "__module__", "__doc__",
}  # fmt: skip


def run(*command: str, where: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=where, capture_output=True, text=True, timeout=300)


def test_mypy_confirms_the_types_of_a_program(tmp_path):
    options = ["--strict", "--cache-dir", str(tmp_path / "cache")]
    found = run("-m", "mypy", *options, str(HERE / "sample.py"), where=tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_program_runs(tmp_path):
    found = run(str(HERE / "sample.py"), where=tmp_path)
    assert found.returncode == 0, found.stderr


def declared(body: list[ast.stmt]) -> set[str]:
    """The public names that statements of a stub declare."""
    names: set[str] = set()
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                if ast.unparse(annotation) != "TypeAlias":
                    names.add(name)
            case ast.If(body=inner):  # by Python's version
                names |= declared(inner)
    return names


@pytest.mark.parametrize("owner", ["the module", "Tensor", "Generator", "dtype", "Node"])
def test_the_stub_has_the_names_of_run_time(owner):
    body = ast.parse(STUB.read_text()).body
    if owner == "the module":
        there = {name for name in vars(_core) if not name.startswith("__")}
        names = declared(body) - {"_MinMax"}
    else:
        there = set(vars(getattr(_core, owner))) - UNDECLARED
        classes = {node.name: node for node in body if isinstance(node, ast.ClassDef)}
        names = declared(classes[owner].body) - UNDECLARED
        # Every class can be shown and compared; object says how.
        common = set(vars(object)) - {"__eq__", "__hash__", "__reduce__"}
        there, names = there - common, names - common
        if sys.version_info < (3, 12):
            names -= {"__buffer__"}
    assert names - there == set(), "declared, but not there"
    assert there - names == set(), "there, but not declared: run tests/typing/stub.py"


def test_the_stub_is_up_to_date():
    fresh = runpy.run_path(str(HERE / "stub.py"))["render"]()
    assert ast.dump(ast.parse(STUB.read_text())) == ast.dump(ast.parse(fresh)), "run tests/typing/stub.py"
