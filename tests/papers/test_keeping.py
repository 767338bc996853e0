"""Copies of the database, putting them back, the doctor; disks that are full, files that are no database."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result

from diffkit_papers import checkup, database, keeping, store
from diffkit_papers.database import session
from diffkit_papers.errors import DatabaseProblem, PaperError
from diffkit_papers.records import NewPaper

Run = Callable[..., Result]
Document = Callable[..., dict[str, Any]]


def fill(path: Path, count: int = 3, name: str = "Paper") -> None:
    with session(path, create=True) as db:
        store.add(db, [NewPaper(title=f"{name} {number}") for number in range(count)])


def titles(path: Path) -> list[str]:
    with session(path) as db:
        return [paper.title for paper in store.all_papers(db)]


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file()
    }


@pytest.mark.parametrize(
    "name",
    [
        "100%41.db",
        "what?mode=ro.db",
        "a#b.db",
        "ä 论文.db",
        pytest.param(os.fsdecode(b"\xff.db"), id="no text"),
    ],
)
def test_a_log_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "folder" / ".." / name
    fill(path)
    with session(path) as db:
        copy = keeping.backup(db)["backup"]
    assert keeping.restore(path, Path(copy))["papers"] == 3
    assert titles(path) == ["Paper 0", "Paper 1", "Paper 2"]
    beside = {one.name for one in tmp_path.iterdir()} - {"folder"}
    assert all(one.startswith(name) for one in beside)


def test_a_folder_behind_a_link_has_its_own_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "far" / "away").mkdir(parents=True)
    (tmp_path / "near").symlink_to(tmp_path / "far" / "away")
    fill(tmp_path / "near" / ".." / "papers.db")
    assert (tmp_path / "far" / "papers.db").exists()
    monkeypatch.chdir(tmp_path)
    fill(Path("papers.db"))
    assert (tmp_path / "papers.db").exists()


def test_a_copy_is_put_back(run: Run, document: Document, db_path: Path, tmp_path: Path) -> None:
    assert run("backup").exit_code == 4
    assert run("restore").exit_code == 4
    fill(db_path)
    copy = document("backup")
    assert copy["papers"] == 3
    assert document("backup", "--list")["backups"][0]["backup"] == copy["backup"]
    named = tmp_path / "copies" / "mine.db"
    named.parent.mkdir()
    assert run("backup", str(named)).exit_code == 0
    again = run("backup", str(named))
    assert again.exit_code == 3
    assert "exists and was not touched" in again.stderr
    assert Path(document("backup", str(named.parent))["backup"]).parent == named.parent
    fill(db_path, 2, "Later")
    put_back = document("restore", copy["backup"])
    assert put_back["papers"] == 3
    assert len(titles(db_path)) == 3
    assert len(titles(Path(put_back["kept"]))) == 5  # what was there is kept
    assert document("restore", put_back["kept"])["papers"] == 5
    assert not [*db_path.parent.glob("*.backup-*"), *db_path.parent.glob("*.partial")]
    db_path.unlink()
    assert document("restore", str(named))["papers"] == 3
    assert len(titles(db_path)) == 3


def test_a_copy_that_is_in_use_is_taken_with_its_last_writes(db_path: Path, tmp_path: Path) -> None:
    fill(db_path)
    live = tmp_path / "live.db"
    with session(live, create=True) as db:
        store.add(db, [NewPaper(title=f"Live {number}") for number in range(5)])
        assert keeping.restore(db_path, live)["papers"] == 5
    assert len(titles(db_path)) == 5


@pytest.mark.parametrize("damage", ["head", "middle", "text", "empty"])
def test_a_damaged_database_is_moved_aside(db_path: Path, damage: str) -> None:
    fill(db_path, 400)
    with session(db_path) as db:
        keeping.backup(db)
    content = db_path.read_bytes()
    broken = {
        "head": random.Random(1).randbytes(4096) + content[4096:],
        "middle": content[:8192] + random.Random(1).randbytes(40_000) + content[48_192:],
        "text": b"these are my notes",
        "empty": b"",
    }[damage]
    db_path.write_bytes(broken)
    kept = keeping.restore(db_path)["kept"]
    assert kept is not None
    assert Path(kept).read_bytes()[:4096] == broken[:4096] or damage == "empty"
    assert len(titles(db_path)) == 400
    with session(db_path) as db:
        assert checkup.doctor(db)["problems"] == 0


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"", 5, "another program"),
        (b"text", 5, "is not a database"),
        (None, 4, "no file"),
    ],
)
def test_what_is_no_copy_is_refused_and_nothing_touched(
    run: Run, db_path: Path, tmp_path: Path, content: bytes | None, code: int, message: str
) -> None:
    fill(db_path)
    copy = tmp_path / "copy.db"
    if content is not None:
        copy.write_bytes(content)
    before = hashes(db_path.parent)
    result = run("restore", str(copy))
    assert (result.exit_code, result.stderr.count("\n")) == (code, 1)
    assert message in result.stderr
    assert hashes(db_path.parent) == before


def test_a_damaged_copy_is_refused(db_path: Path, tmp_path: Path) -> None:
    fill(db_path, 300)
    copy = tmp_path / "copy.db"
    with session(db_path) as db:
        keeping.backup(db, copy)
    content = copy.read_bytes()
    refused = 0
    for number in range(20):
        start = random.Random(number).randrange(100, len(content) - 5000)
        copy.write_bytes(content[:start] + random.Random(number).randbytes(5000) + content[start + 5000 :])
        try:
            keeping.restore(db_path, copy)
        except PaperError:
            refused += 1
        assert len(titles(db_path)) == 300
    assert refused >= 18


def test_the_doctor_finds_what_is_wrong_and_mends_what_is_derived(
    run: Run, document: Document, db_path: Path, tmp_path: Path
) -> None:
    fill(db_path)
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-1.4 a")
    other = tmp_path / "b.pdf"
    other.write_bytes(b"%PDF-1.4 b")
    key = document("list")["papers"][0]["key"]
    assert run("attach", key, str(file), str(other)).exit_code == 0
    run("backup")
    healthy = document("doctor")
    assert {one["result"] for one in healthy["checks"]} == {"ok"}

    with closing(sqlite3.connect(db_path)) as db:
        db.execute("UPDATE papers SET state = 'done' WHERE id = 1")
        db.execute("DELETE FROM search WHERE rowid = 2")
        db.commit()
    first, second = sorted((db_path.parent / "papers.files").glob("*/*"))
    first.unlink()
    second.write_bytes(b"changed")
    (second.parent / "stray.pdf").write_bytes(b"x")
    result = run("doctor")
    assert result.exit_code == 1
    for words in ("states\tproblem", "full-text index\tproblem", "missing: ", "no longer what was attached"):
        assert words in result.stdout
    assert "stray files\twarning" in result.stdout
    mended = run("doctor", "--mend")
    assert "states\tok" in mended.stdout
    assert "full-text index\tok" in mended.stdout
    assert mended.exit_code == 1  # the files are still not there


@pytest.mark.parametrize(
    ("damage", "wrong"),
    [
        ("UPDATE papers SET title = 'Another' WHERE id = 1", 1),
        ("UPDATE papers SET abstract = 'Ünd' WHERE id < 3", 2),
        ("INSERT INTO notes (paper_id, text, created_at) VALUES (1, 'unseen', '')", 1),
        ("INSERT INTO search (rowid, title) VALUES (99, 'of nobody')", 1),
        ("DELETE FROM search", 3),
    ],
)
def test_the_doctor_holds_the_index_against_the_papers(
    run: Run, db_path: Path, damage: str, wrong: int
) -> None:
    with session(db_path, create=True) as db:
        store.add(db, [NewPaper(title=f"T {number} 学") for number in range(3)])
    with closing(sqlite3.connect(db_path)) as db:
        db.execute(damage)
        db.commit()
    assert f"full-text index\tproblem\t{wrong} papers not as indexed" in run("doctor").stdout
    assert "full-text index\tok" in run("doctor", "--mend").stdout


@pytest.mark.parametrize("folder", ["Dropbox", "OneDrive - Company", "Mobile Documents", "with mark"])
def test_the_doctor_warns_of_folders_that_are_synchronised(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "deep" / "papers.db"
    fill(path)
    if folder == "with mark":
        (tmp_path / folder / ".stfolder").mkdir()
    with session(path) as db:
        place = next(one for one in checkup.doctor(db)["checks"] if one["check"] == "place")
    assert place["result"] == "warning"
    assert str(tmp_path / folder) in place["detail"]


def test_a_full_database_says_so_and_keeps_what_it_has(
    db_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(db_path)
    connect = database.connect

    def small(path: Path, create: bool) -> sqlite3.Connection:
        db = connect(path, create)
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
        return db

    monkeypatch.setattr(database, "connect", small)
    with pytest.raises(DatabaseProblem, match="no space left"):
        fill(db_path, 3000, "More")
    monkeypatch.undo()
    assert len(titles(db_path)) == 3


def test_an_input_error_on_a_full_disk_is_told_as_that(
    db_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has no other word for it when the memory it shares between programs cannot grow."""
    fill(db_path)
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    assert "failed: disk I/O error" in database.explained(error, db_path).message
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=0))
    assert "no space left" in database.explained(error, db_path).message


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
from diffkit_cli.main import main
main()
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs limits on the size of files")
@pytest.mark.parametrize("arguments", [["add", "BIB"], ["backup"], ["restore", "COPY"]])
def test_a_disk_that_takes_no_more(db_path: Path, tmp_path: Path, arguments: list[str]) -> None:
    fill(db_path, 200)
    copy = tmp_path / "copy.db"
    with session(db_path) as db:
        keeping.backup(db, copy)
    big = tmp_path / "big.bib"
    big.write_text("\n".join(f"@misc{{k{n}, title={{Big title number {n}}}}}" for n in range(2000)))
    before = titles(db_path)
    places = {"BIB": str(big), "COPY": str(copy)}
    command = ["paper", *(places.get(word, word) for word in arguments)]
    environment = os.environ | {
        "DIFFKIT_DB": str(db_path),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    result = subprocess.run(
        [sys.executable, "-c", LIMITED, "100000", *command], capture_output=True, text=True, env=environment
    )
    assert result.returncode == 5, result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("error: ")
    assert titles(db_path) == before
    assert not list(db_path.parent.glob("*.partial"))
    with session(db_path) as db:
        assert checkup.doctor(db)["problems"] == 0
