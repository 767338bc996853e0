"""Ctrl-C, pressed more than once: one line, its exit status, and nothing half done."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

RUNS = 50 if os.environ.get("DIFFKIT_TEST_FULL") == "1" else 6
PAPERS = 3000
READY = "import diffkit_cli.main, sys; print('ready', file=sys.stderr, flush=True)\n"


def start(program: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """A command of which the first moment that is ours has come."""
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | paths | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    assert process.stderr.readline() == "ready\n"
    return process


def press(process: subprocess.Popen[str], *gaps: float) -> None:
    for gap in gaps:
        time.sleep(gap)
        process.send_signal(signal.SIGINT)


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, errors = process.communicate(timeout=120)
    return process.returncode, out, errors


def test_ctrl_c_twice_leaves_nothing_half_imported(tmp_path: Path, program: str) -> None:
    references = tmp_path / "many.bib"
    references.write_text(
        "".join(f"@article{{k{n}, title = {{Paper {n}}}, year = {{1999}}}}\n" for n in range(PAPERS))
    )
    database = tmp_path / "papers.db"
    delays = random.Random(1)
    interrupted = 0
    for _ in range(RUNS):
        process = start(READY + program, "paper", "import", str(references), DIFFKIT_DB=str(database))
        press(process, delays.uniform(0.1, 0.8), delays.uniform(0, 0.05))
        code, out, errors = end(process)
        interrupted += code == 130
        assert (code, errors) in ((0, ""), (130, "interrupted\n")), (code, out, errors)
        if database.exists():
            with closing(sqlite3.connect(database)) as db:
                tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
                count = db.execute("SELECT count(*) FROM papers").fetchone()[0] if tables else 0
            assert count in (0, PAPERS)
        for path in tmp_path.glob("papers.db*"):
            path.unlink()
    assert interrupted


# A command that has something to undo and takes its time on the way out.
UNDOING = """
import atexit, sys, time
from diffkit_cli import host, main
def work(*arguments):
    try:
        print("ready", file=sys.stderr, flush=True)
        time.sleep(60)
    finally:
        print("undoing", file=sys.stderr, flush=True)
        time.sleep({undoing})
        print("undone", flush=True)
host.cli.invoke = work
main.SAME_WISH = {same}
atexit.register(time.sleep, 0.3)
"""


def test_what_undoes_the_work_is_not_interrupted(program: str) -> None:
    process = start(UNDOING.format(undoing=0.3, same=60) + program, "sample")
    press(process, 0)
    assert process.stderr
    assert process.stderr.readline() == "undoing\n"
    press(process, *[0.05] * 12)  # into the exit
    assert end(process) == (130, "undone\n", "interrupted\n")


def test_what_takes_long_to_undo_is_interrupted_again(program: str) -> None:
    process = start(UNDOING.format(undoing=60, same=0) + program, "sample")
    press(process, 0)
    assert process.stderr
    assert process.stderr.readline() == "undoing\n"
    press(process, 0.1)
    assert end(process) == (130, "", "interrupted\n")


def test_ctrl_c_in_a_callback_is_heard_too(program: str) -> None:
    """Python drops an exception there; one of its own callbacks runs after every import."""
    callback = """
        import signal, sys, time
        from diffkit_cli import host
        class Gone:
            def __del__(self):
                signal.raise_signal(signal.SIGINT)
                time.sleep(0)
        def work(*arguments):
            print("ready", file=sys.stderr, flush=True)
            Gone()
            time.sleep(60)
        host.cli.invoke = work
    """
    process = start(textwrap.dedent(callback) + program, "sample")
    assert end(process) == (130, "", "interrupted\n")


def test_ctrl_c_after_the_work_ends_without_a_word(program: str) -> None:
    process = start(
        "import atexit, time, sys; atexit.register(time.sleep, 60)\n"
        "atexit.register(print, 'ready', file=sys.stderr, flush=True)\n" + program,
        "--version",
    )
    press(process, 0.1)
    code, out, errors = end(process)
    assert (code, errors) == (-signal.SIGINT, "")
    assert out.startswith("diffkit ")


def test_in_the_background_ctrl_c_stays_ignored(program: str) -> None:
    ignored = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    process = start(ignored + READY + program, "--help")
    press(process, 0, 0.05)
    code, out, errors = end(process)
    assert (code, errors) == (0, "")
    assert out.startswith("Usage: diffkit")
