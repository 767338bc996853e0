"""The template for a command of one's own, as the guide prints it: built, installed and run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from diffkit_papers import store
from diffkit_papers.database import session
from diffkit_papers.records import NewPaper

PAGE = Path(__file__).resolve().parents[2] / "docs" / "papers.md"
SCRIPT = "from diffkit_cli.main import main; main()"

Diffkit = Callable[..., subprocess.CompletedProcess[str]]


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    return str(found)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where the template lies after `pip install`."""
    pytest.importorskip("hatchling")
    pytest.importorskip("pip")
    source = tmp_path_factory.mktemp("source")
    (source / "pyproject.toml").write_text(block("toml"), encoding="utf-8")
    (source / "diffkit_shelf.py").write_text(block("py"), encoding="utf-8")
    target = tmp_path_factory.mktemp("site")
    options = ["--no-build-isolation", "--no-deps", "--no-index", "--quiet", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(source)], check=True, timeout=300)
    return target


@pytest.fixture
def diffkit(installed: Path) -> Diffkit:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        paths = [str(installed), *filter(None, sys.path)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
        command = [sys.executable, "-c", SCRIPT, *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)

    return run


def test_it_is_listed_with_its_line(diffkit: Diffkit) -> None:
    assert re.search(r"^  shelf +Count the papers of the log by venue\.$", diffkit("--help").stdout, re.M)


def test_it_reads_the_log_and_prints_like_the_others(diffkit: Diffkit, db_path: Path) -> None:
    with session(db_path, create=True) as db:
        store.add(db, [NewPaper(title=f"Paper {number}", venue="JMLR" * (number > 0)) for number in range(3)])
    assert diffkit("shelf", str(db_path)).stdout == "venue\tpapers\nJMLR\t2\nnowhere\t1\n"
    assert diffkit("shelf", str(db_path), "--csv").stdout == "venue,papers\nJMLR,2\nnowhere,1\n"
    document = json.loads(diffkit("shelf", str(db_path), "--json").stdout)
    assert document == {
        "schema": 1,
        "venues": [{"venue": "JMLR", "papers": 2}, {"venue": "nowhere", "papers": 1}],
    }


def test_its_errors_are_lines_with_exit_codes(diffkit: Diffkit, tmp_path: Path) -> None:
    result = diffkit("shelf", str(tmp_path / "none.db"))
    assert result.returncode == 4
    assert result.stderr == f"error: there is no log at {tmp_path / 'none.db'}; check the path\n"
