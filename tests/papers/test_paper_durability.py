"""What was acknowledged is there: after a kill at any moment, and with many writers at once."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from diffkit_papers import store
from diffkit_papers.database import session
from diffkit_papers.records import NewPaper

ADDER = Path(__file__).with_name("adder.py")
KILLS = 200 if os.environ.get("DIFFKIT_TEST_FULL") == "1" else 30
WRITERS, EACH = 8, 100


def start(database: Path, prefix: str, count: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, str(ADDER), str(database), prefix, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def acknowledged(output: bytes) -> set[str]:
    """Keys on complete lines: a line cut off by the kill was not acknowledged."""
    lines = output.decode().split("\n")[:-1]
    return {line.split("\t")[0] for line in lines if "\tadded\t" in line}


def check(database: Path, expected: set[str]) -> set[str]:
    """The keys that the database holds, after its checks: whole, with every acknowledged row and its tag."""
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        tagged = "SELECT key FROM papers JOIN tags ON papers.id = paper_id"
        keys = {key for (key,) in connection.execute(tagged)}
        assert connection.execute("SELECT count(*) FROM papers").fetchone()[0] == len(keys)
    assert expected <= keys
    return keys


def test_a_kill_at_any_moment_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """Of three victims one is killed while it creates a database, one while it adds, one at any time."""
    moments = random.Random(20_171)
    shared: set[str] = set()
    cut_short = 0
    for number in range(KILLS):
        fresh = number % 3 == 0
        database = tmp_path / (f"fresh{number}.db" if fresh else "shared.db")
        victim = start(database, f"p{number}", 1_000_000)
        assert victim.stdout is not None
        assert victim.stdout.readline() == b"ready\n"
        begun = b""
        while number % 3 == 1 and not acknowledged(begun):
            begun += victim.stdout.readline()
        time.sleep(moments.uniform(0, 0.02 if fresh else 0.2))
        victim.kill()
        output, errors = victim.communicate()
        output = begun + output
        assert errors == b""
        keys = shared if not fresh else set()
        keys |= acknowledged(output)
        if database.exists():
            with session(database, create=True) as db:  # the log can be used on at once
                keys |= {store.add(db, [NewPaper(title=f"After {number}", tags=("t",))])[0].key}
            held = check(database, keys)
            cut_short += len(held) > len(keys)
            keys |= held
        else:
            assert not keys
    assert len(shared) >= 2 * (KILLS // 3)
    print(
        f"{KILLS} kills, {len(shared)} rows in the shared log, {cut_short} kills between commit and message"
    )


def test_eight_writers_at_once(tmp_path: Path) -> None:
    database = tmp_path / "new" / "papers.db"
    writers = [start(database, f"w{number}", EACH) for number in range(WRITERS)]
    outputs = [writer.communicate() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * WRITERS, [errors for _, errors in outputs]
    keys = set().union(*(acknowledged(output) for output, _ in outputs))
    assert keys == {f"w{writer}-{number}" for writer in range(WRITERS) for number in range(EACH)}
    assert check(database, keys) == keys
