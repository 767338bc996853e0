"""Keys in the shell: real shells, a file beside the log, and no Python."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from diffkit_cli.host import cli
from diffkit_papers import store, undo
from diffkit_papers.database import session
from diffkit_papers.records import NewPaper

Complete = Callable[..., list[str]]


@pytest.fixture
def log(db_path: Path) -> Path:
    add(db_path, "alpha", "alps", "beta")
    return db_path


def add(path: Path, *keys: str) -> None:
    with session(path, create=True) as db:
        store.add(db, [NewPaper(title=f"Paper {key}", key=key) for key in keys])


@pytest.fixture(params=["bash", "fish"])
def complete(request: pytest.FixtureRequest, log: Path, tmp_path: Path) -> Complete:
    """`complete("paper", "show", "al")`: what the shell offers in place of the last word."""
    shell = shutil.which(request.param)
    if shell is None:
        pytest.skip(f"no {request.param} on this machine")
    script = tmp_path / f"complete.{request.param}"
    script.write_text(CliRunner().invoke(cli, ["completion", request.param]).stdout)

    def run(*words: str) -> list[str]:
        if request.param == "fish":
            code = f"complete -C 'diffkit {' '.join(words)}'"
        else:
            typed = " ".join(f"'{word}'" for word in ("diffkit", *words))
            code = f"COMP_WORDS=({typed}); COMP_CWORD={len(words)}; _diffkit; "
            code += 'printf "%s\\n" "${COMPREPLY[@]}"'
        result = subprocess.run(
            [shell, "-c", f"source {script}; {code}"],
            capture_output=True,
            text=True,
            timeout=60,
            env={"PATH": "/usr/bin:/bin", "DIFFKIT_DB": str(log), "HOME": str(tmp_path)},
            cwd=tmp_path,
        )
        assert result.stderr == ""
        return sorted(line.split("\t")[0] for line in result.stdout.splitlines() if line)

    return run


def test_keys_are_completed(complete: Complete, log: Path, tmp_path: Path) -> None:
    assert complete("paper", "show", "al") == ["alpha", "alps"]
    assert complete("paper", "pass", "be") == ["beta"]
    assert complete("paper", "show", "--limi") == []
    assert complete("paper", "se") == ["search"]
    other = tmp_path / "other.db"
    add(other, "almond")
    assert complete("paper", "show", "--db", str(other), "al") == ["almond"]


def test_keys_are_never_run(complete: Complete, log: Path, tmp_path: Path) -> None:
    file = log.with_name(log.name + ".keys")
    file.write_text("al$(touch owned)\nal`touch owned`\nal;touch owned\nalpha\nal*\n")
    assert complete("paper", "show", "al") == ["alpha"]
    assert not (tmp_path / "owned").exists()


def test_a_log_without_the_file_offers_nothing(complete: Complete, log: Path) -> None:
    log.with_name(log.name + ".keys").unlink()
    assert [word for word in complete("paper", "show", "al") if word.startswith("al")] == []


def test_the_file_follows_every_write(log: Path) -> None:
    file = log.with_name(log.name + ".keys")
    add(log, "gamma")
    assert file.read_text() == "alpha\nalps\nbeta\ngamma\n"
    with session(log) as db:
        undo.undo(db)
    assert file.read_text() == "alpha\nalps\nbeta\n"
    written = file.stat().st_mtime_ns
    with session(log) as db:
        store.all_papers(db)
    assert file.stat().st_mtime_ns == written
    assert not list(log.parent.glob("*.part"))


def test_a_file_that_is_no_text_is_made_anew(log: Path) -> None:
    file = log.with_name(log.name + ".keys")
    file.write_bytes(b"\xff\xfe")
    add(log, "gamma")
    assert file.read_text() == "alpha\nalps\nbeta\ngamma\n"


def test_a_folder_that_takes_no_file_costs_nothing_but_completion(log: Path) -> None:
    file = log.with_name(log.name + ".keys")
    file.unlink()
    file.mkdir()
    add(log, "gamma")
    with session(log) as db:
        assert store.find(db, "gamma")


def test_ten_thousand_keys_take_no_time(complete: Complete, log: Path) -> None:
    file = log.with_name(log.name + ".keys")
    file.write_text("".join(f"author{number}title\n" for number in range(10_000)))
    best = 9.0
    for _ in range(5):
        start = time.perf_counter()
        assert len(complete("paper", "show", "author999")) == 11
        best = min(best, time.perf_counter() - start)
    assert best < 0.5  # of which the shell itself takes most


def test_the_script_for_zsh_is_one(tmp_path: Path) -> None:
    shell = shutil.which("zsh")
    if shell is None:
        pytest.skip("no zsh on this machine")
    script = tmp_path / "complete.zsh"
    script.write_text(CliRunner().invoke(cli, ["completion", "zsh"]).stdout)
    result = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")
