"""Runs the README and the guides: Python blocks as doctests, console blocks in a shell, in their order."""

import doctest
import os
import subprocess
import sys

import pytest

PAGES = {"README.md": 5, "docs/guide.md": 5, "docs/papers.md": 2}  # and at least so many Python blocks
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# `diffkit` in a console block means the command of the package under test.
COMMAND = 'diffkit() { "$PYTHON" -m diffkit "$@"; }\n'


@pytest.mark.parametrize("page", PAGES)
def test_python_blocks(page, blocks, tmp_path, monkeypatch):
    found = blocks(page, "python")
    assert len(found) >= PAGES[page]
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
    parser, names, report = doctest.DocTestParser(), {}, []
    for line, text in found:
        test = parser.get_doctest(text, names, page, page, line - 1)
        assert test.examples, f"{page}:{line} has no >>> example"
        runner.run(test, out=report.append, clear_globs=False)
        names = test.globs  # the blocks of a page are one session
    assert not report, "".join(report)


@pytest.mark.parametrize("page", PAGES)
def test_console_blocks(page, blocks, tmp_path):
    sessions = [(line, *command) for line, text in blocks(page, "console") for command in commands(text)]
    assert len(sessions) >= 3
    environment = {
        **os.environ,
        "PYTHON": sys.executable,
        "DIFFKIT_DB": str(tmp_path / "papers.db"),
        "PYTHONIOENCODING": "utf-8",
    }
    for line, command, expected in sessions:
        done = subprocess.run(
            ["sh", "-c", COMMAND + command],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
        assert done.returncode == 0, f"{page}:{line}: {command}\n{done.stderr}"
        assert done.stdout == expected, f"{page}:{line}: {command}"


def commands(text):
    """(command, output) of each line that begins with `$ `."""
    head, *parts = ("\n" + text).split("\n$ ")
    assert not head.strip(), f"output before the first command: {head!r}"
    for part in parts:
        command, _, output = (part if part.endswith("\n") else part + "\n").partition("\n")
        yield command, output
