"""A reading log of its own for every test."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

Run = Callable[..., Result]


@pytest.fixture
def db_path(tmp_path: Path) -> Path:
    return tmp_path / "log" / "papers.db"


@pytest.fixture
def run(db_path: Path) -> Run:
    """`run("list", "--json")` runs `diffkit paper list --json` on the test's database."""
    from diffkit_papers.commands import paper

    def invoke(*arguments: str, input: str | bytes | None = None) -> Result:
        result = CliRunner().invoke(paper, arguments, input=input, env={"DIFFKIT_DB": str(db_path)})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def document(run: Run) -> Callable[..., dict[str, Any]]:
    """The same with `--json`, which has to succeed, as a dictionary."""

    def invoke(*arguments: str) -> dict[str, Any]:
        result = run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        assert found.pop("schema") == 1
        return found

    return invoke
