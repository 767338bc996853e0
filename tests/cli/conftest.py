"""Running the command line in this process and in a new one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from diffkit_cli.host import cli


@pytest.fixture
def program() -> str:
    """What the script `diffkit` does, for `python -c`."""
    return "from diffkit_cli.main import main; main()"


@pytest.fixture
def diffkit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`diffkit("stats", "data.csv")` in this process, in a directory of its own."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str, input: str | bytes | None = None) -> Result:
        return CliRunner().invoke(cli, list(arguments), input=input)

    return invoke


@pytest.fixture
def document(diffkit: Callable[..., Result]) -> Callable[..., dict[str, Any]]:
    """The JSON document of a command that must succeed."""

    def invoke(*arguments: str, input: str | bytes | None = None) -> dict[str, Any]:
        result = diffkit(*arguments, "--json", input=input)
        assert result.exit_code == 0, result.stderr
        parsed: dict[str, Any] = json.loads(result.stdout)
        assert parsed["schema"] == 1
        return parsed

    return invoke


@pytest.fixture
def spawn(tmp_path: Path, program: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line in a new process; `path` is put in front of PYTHONPATH."""

    def start(
        *arguments: str, path: Path | None = None, code: str = program, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, **environment}
        if path is not None:
            env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(path), env.get("PYTHONPATH", "")]))
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=env,
            timeout=120,
        )

    return start
