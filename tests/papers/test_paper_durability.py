"""What was acknowledged is there: after a kill at any moment, and with many writers at once."""

from __future__ import annotations

import multiprocessing
import os
import random
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from diffkit_papers import checkup, keeping, library, reading, store
from diffkit_papers.database import session, transaction
from diffkit_papers.records import NewPaper

sys.path.insert(0, str(Path(__file__).parent))
import victims

FULL = os.environ.get("DIFFKIT_TEST_FULL") == "1"
KILLS = 200 if FULL else 8  # of each kind of write
WRITERS, EACH = 8, 200 if FULL else 30
PATIENCE = 120.0
VERSION_1 = Path(__file__).with_name("fixtures") / "version1.sql"

# A process that has imported everything already, so that a kill hits the work and not the imports.
METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
CONTEXT = multiprocessing.get_context(METHOD)
if METHOD == "forkserver":
    CONTEXT.set_forkserver_preload(["victims"])


def rows(database: Path, query: str) -> set[Any]:
    """The first column of a query, after SQLite's own checks of the file."""
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        orphans = "SELECT count(*) FROM papers WHERE id NOT IN (SELECT rowid FROM search)"
        assert db.execute(orphans).fetchone() == (0,)
        return {row[0] for row in db.execute(query)}


def kill_one(kind: str, database: Path, name: str, delay: float) -> set[str]:
    """The writes that a victim told of before it was killed, `delay` seconds after it began."""
    receiver, sender = CONTEXT.Pipe(duplex=False)
    victim = CONTEXT.Process(target=victims.work, args=(kind, database, name, sender))
    victim.start()
    sender.close()
    assert receiver.poll(PATIENCE)
    assert receiver.recv_bytes() == b"ready"
    time.sleep(delay)
    victim.kill()
    victim.join()
    told = set()
    with suppress(EOFError):  # a message cut off by the kill was not heard
        while True:
            told.add(receiver.recv_bytes().decode())
    return told


def kills(kind: str, database: Path, check: Callable[[set[str]], int], longest: float) -> None:
    """Kill at moments up to `longest` seconds, which follows the pace of the machine to one or two writes."""
    moments = random.Random(kind)
    told: set[str] = set()
    between = 0
    for number in range(KILLS):
        heard = kill_one(kind, database, f"{kind}{number}", moments.uniform(0, longest))
        longest *= 1.25 if not heard else 0.8 if len(heard) > 2 else 1
        told |= heard
        between = check(told)
    assert len(told) >= KILLS / 4
    print(f"{kind}: {KILLS} kills, {len(told)} acknowledged, {between} found that were not")


def test_a_kill_while_papers_are_added(tmp_path: Path) -> None:
    database = tmp_path / "new" / "papers.db"

    def check(told: set[str]) -> int:
        if not database.exists():
            assert not told
            return 0
        with session(database, create=True) as db:  # the log can be used on at once
            store.add(db, [NewPaper(title="Used on")])
        found = rows(database, "SELECT key FROM papers JOIN tags ON papers.id = paper_id")
        assert told <= found
        return len(found - told)

    kills("add", database, check, 0.3)


def test_a_kill_while_a_pass_is_recorded(tmp_path: Path) -> None:
    database = tmp_path / "papers.db"
    with session(database, create=True) as db:
        store.add(db, [NewPaper(title="T", key="read")])
        reading.record(db, "read", 1, {"fit": "begun"})

    def check(told: set[str]) -> int:
        whole = "SELECT answer FROM answers GROUP BY answer, answered_at HAVING count(*) = 2"
        found = rows(database, whole)
        assert told <= found
        assert rows(database, "SELECT answer FROM answers WHERE answer <> 'begun'") == found
        assert rows(database, "SELECT count(*) FROM sittings") == {len(found)}
        return len(found - told)

    kills("pass", database, check, 0.3)


def test_a_kill_while_a_file_is_imported(tmp_path: Path) -> None:
    database = tmp_path / "papers.db"
    with session(database, create=True):
        pass

    def check(told: set[str]) -> int:
        counts = "SELECT count(*) FROM tags GROUP BY tag"
        assert rows(database, counts) <= {victims.IMPORTED}  # no half import
        found = rows(database, "SELECT tag FROM tags")
        assert told <= found
        return len(found - told)

    kills("import", database, check, 0.1)


def test_a_kill_while_a_log_is_made_and_filled(tmp_path: Path) -> None:
    """More than SQLite holds in memory, so that the file grows before it is whole."""
    folder = tmp_path / "logs"
    folder.mkdir()
    found: set[str] = set()

    def check(told: set[str]) -> int:
        for file in folder.glob("*.db"):
            with session(file, create=True):  # makes what is missing
                pass
            counts = rows(file, "SELECT count(*) FROM papers")
            assert counts in ({0}, {victims.LARGE})
            found.update({file.stem} if counts != {0} else ())
            for part in folder.glob(f"{file.name}*"):
                part.unlink()
        assert told <= found
        return len(found - told)

    kills("fill", folder, check, 1.0)


def test_a_kill_while_a_file_is_attached(tmp_path: Path) -> None:
    """No row without its whole file; what a kill leaves behind is told of."""
    database = tmp_path / "papers.db"
    with session(database, create=True) as db:
        store.add(db, [NewPaper(title="T", key="read")])
    library_folder = library.folder_of(database)

    def check(told: set[str]) -> int:
        found = {name.removesuffix(".pdf") for name in rows(database, "SELECT name FROM files")}
        assert told <= found
        whole = rows(database, "SELECT substr(sha256, 1, 2) || '/' || sha256 || '.pdf' FROM files")
        kept = {str(path.relative_to(library_folder)) for path in library_folder.rglob("*") if path.is_file()}
        assert whole <= kept
        with session(database) as db:
            checks = {one["check"]: one for one in checkup.doctor(db)["checks"]}
        assert checks["files"]["result"] == "ok"  # each has the bytes it was attached with
        stray = kept - whole
        assert ("stray files" in checks) == bool(stray)
        if stray:
            assert checks["stray files"]["detail"].startswith(
                f"{len(stray)} in {library_folder} belong to no paper"
            )
        return len(found - told)

    kills("attach", database, check, 0.1)


def test_a_database_folder_is_checked_for_cut_off_copies(tmp_path: Path) -> None:
    database = tmp_path / "papers.db"
    (tmp_path / "papers.files").mkdir()
    (tmp_path / "papers.files" / "tmpabc.part").write_bytes(b"half")
    with session(database, create=True) as db:
        (stray,) = [one for one in checkup.doctor(db)["checks"] if one["check"] == "stray files"]
    assert stray["result"] == "warning"
    assert stray["detail"].endswith("tmpabc.part")


def test_a_kill_while_a_database_is_migrated(tmp_path: Path) -> None:
    database = tmp_path / "first.sqlite"
    with closing(sqlite3.connect(database)) as db:
        db.executescript(VERSION_1.read_bytes().decode())
    known = ("SELECT answer FROM answers", "SELECT title FROM papers", "SELECT raw FROM sources")
    with closing(sqlite3.connect(database)) as db:
        before = [{row[0] for row in db.execute(query)} for query in known]

    def check(told: set[str]) -> int:
        for path in tmp_path.glob("migrate*.db"):
            with session(path) as db:
                assert store.find(db, "vaswani2017attention").state.value == "done"
            assert [rows(path, query) for query in known] == before
            for copy in tmp_path.glob(f"{path.name}.*.backup"):
                with closing(sqlite3.connect(copy)) as db:
                    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            for beside in tmp_path.glob(f"{path.name}*"):
                beside.unlink()
        return 0

    kills("migrate", database, check, 0.4)


def test_a_kill_while_a_copy_is_put_back(tmp_path: Path) -> None:
    database = tmp_path / "papers.db"
    sizes = {100, 300}
    for size in sizes:
        with session(tmp_path / f"copy{size}.db", create=True) as db:
            store.add(db, [NewPaper(title=f"{size} {n}") for n in range(size)])
    keeping.restore(database, tmp_path / "copy100.db")

    def check(told: set[str]) -> int:
        assert rows(database, "SELECT count(*) FROM papers") <= sizes
        with session(database) as db:
            assert len(store.all_papers(db)) in sizes
        for copy in tmp_path.glob("papers.db.*"):
            if copy.suffix == ".backup":
                assert rows(copy, "SELECT count(*) FROM papers") <= sizes
            copy.unlink()
        return 0

    kills("restore", database, check, 0.3)


def test_eight_writers_at_once(tmp_path: Path) -> None:
    database = tmp_path / "new" / "papers.db"
    pipes = [CONTEXT.Pipe(duplex=False) for _ in range(WRITERS)]
    writers = [
        CONTEXT.Process(target=victims.write_some, args=(database, f"w{number}", EACH, sender))
        for number, (_, sender) in enumerate(pipes)
    ]
    for writer in writers:
        writer.start()
    told = set()
    for receiver, sender in pipes:
        sender.close()
        while (message := receiver.recv_bytes()) != b"done":
            told.add(message.decode())
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert told == {f"w{writer}-{number}" for writer in range(WRITERS) for number in range(EACH)}
    assert rows(database, "SELECT key FROM papers JOIN tags ON papers.id = paper_id") == told


def test_a_reader_does_not_wait_for_the_first_session(tmp_path: Path) -> None:
    database = tmp_path / "papers.db"
    with session(database, create=True) as first:
        with transaction(first, "add 1 paper") as action:
            store.put(first, action, [NewPaper(title="T")])
            with session(database) as other:
                assert store.all_papers(other) == []
        with session(database) as other:
            assert len(store.all_papers(other)) == 1


@pytest.mark.parametrize("seed", range(4))
def test_a_truncated_log_of_writes_keeps_what_is_whole(tmp_path: Path, seed: int) -> None:
    """What a copy of the files lost is lost; the rest is a log that was, and it can be used on."""
    database = tmp_path / "papers.db"
    with session(database, create=True):
        pass
    with session(database, create=True) as db:
        for number in range(20):
            store.add(db, [NewPaper(title=f"Paper {number}", key=f"k{number}")])
        log = (tmp_path / "papers.db-wal").read_bytes()
        content = database.read_bytes()
    moments = random.Random(seed)
    for _ in range(10):
        broken = tmp_path / "broken.db"
        broken.write_bytes(content)
        cut = moments.randrange(len(log))
        torn = log[:cut] + moments.randbytes(moments.choice([0, 200]))
        (tmp_path / "broken.db-wal").write_bytes(torn)
        (tmp_path / "broken.db-shm").unlink(missing_ok=True)
        with session(broken, create=True) as db:
            keys = [paper.key for paper in store.all_papers(db)]
            assert keys == [f"k{number}" for number in range(len(keys))]
            store.add(db, [NewPaper(title="After")])
        rows(broken, "SELECT key FROM papers")
