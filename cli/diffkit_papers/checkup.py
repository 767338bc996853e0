"""`doctor`: whether the database, what is derived in it and the files beside it are in order."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diffkit_papers.database import path_of, transaction
from diffkit_papers.derived import load_passes, not_as_indexed, rebuild, state_of
from diffkit_papers.keeping import backups
from diffkit_papers.library import folder_of, place_of
from diffkit_papers.passes import next_number
from diffkit_papers.records import File

Document = dict[str, Any]

# Folders that programs copy elsewhere file by file, which tears a database and its log apart.
_SYNCED = (
    *("dropbox", "onedrive", "icloud", "mobile documents", "google drive", "googledrive", "my drive"),
    *("nextcloud", "owncloud", "syncthing", "pcloud", "box sync", "seafile", "yandex.disk"),
)
_SYNC_MARKS = (".stfolder", ".dropbox", ".dropbox.cache", ".sync", ".owncloudsync.log")
_MEND = "make it anew with: diffkit paper doctor --mend"
_NETWORKS = ("nfs", "cifs", "smb", "sshfs", "9p", "afpfs", "davfs", "ceph", "gluster")


@dataclass(frozen=True)
class _Result:
    check: str
    result: str  # ok, warning or problem
    detail: str = ""


def doctor(
    db: sqlite3.Connection, *, mend: bool = False, advance: Callable[[int], None] = lambda steps: None
) -> Document:
    """Check everything; `mend` makes anew what is derived. `advance` is told of each file that was read."""
    found = list(_integrity(db))
    if all(one.result == "ok" for one in found):
        derived = list(_derived(db))
        if mend and any(one.result != "ok" for one in derived):
            with transaction(db, "doctor --mend"):
                rebuild(db)
            derived = list(_derived(db))
        found += derived
    path = path_of(db)
    if path:
        place = Path(path)
        found += [*_files(db, place, advance), _place(place), _copies(place)]
    problems = sum(one.result == "problem" for one in found)
    return {"database": str(path), "checks": [vars(one) for one in found], "problems": problems}


def _integrity(db: sqlite3.Connection) -> Iterator[_Result]:
    try:
        lines = [row[0] for row in db.execute("PRAGMA integrity_check(20)")]
    except sqlite3.DatabaseError as error:
        lines = [str(error)]
    yield _Result(
        "integrity", "ok" if lines == ["ok"] else "problem", "" if lines == ["ok"] else "; ".join(lines)
    )
    broken = db.execute("PRAGMA foreign_key_check").fetchall()
    detail = ", ".join(sorted({f"a row of {row['table']} without its {row['parent']}" for row in broken}))
    yield _Result("references", "problem" if broken else "ok", detail)


def _derived(db: sqlite3.Connection) -> Iterator[_Result]:
    rows = db.execute("SELECT id, key, state, next_pass FROM papers").fetchall()
    read = [row[0] for row in db.execute("SELECT DISTINCT paper_id FROM passes")]
    histories = load_passes(db, read)
    wrong = [
        row["key"]
        for row in rows
        if (row["state"], row["next_pass"])
        != (
            state_of(db, row["id"], histories.get(row["id"], ())),
            next_number(histories.get(row["id"], ())),
        )
    ]
    yield _derived_result("states", wrong, "papers whose state is not that of their passes")
    try:
        db.execute("INSERT INTO search (search) VALUES ('integrity-check')")
        yield _derived_result("full-text index", not_as_indexed(db), "papers not as indexed")
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_READONLY":  # SQLite's check is a write in form
            yield _Result("full-text index", "warning", "not checked, because the log is read-only")
        else:
            yield _Result("full-text index", "problem", f"{error}; {_MEND}")


def _derived_result(check: str, wrong: Sequence[object], what: str) -> _Result:
    if not wrong:
        return _Result(check, "ok")
    return _Result(check, "problem", f"{len(wrong)} {what}; {_MEND}")


def _files(db: sqlite3.Connection, place: Path, advance: Callable[[int], None]) -> Iterator[_Result]:
    known = set()
    missing, changed = [], []
    for row in db.execute("SELECT papers.key, files.* FROM files JOIN papers ON papers.id = paper_id"):
        file = File(row["id"], row["sha256"], row["name"], row["size"], row["added_at"])
        path = place_of(place, file)
        known.add(path)
        if not path.is_file():
            missing.append(f"{row['key']}: {file.name}")
        elif _hash(path) != file.sha256:
            changed.append(f"{row['key']}: {file.name}")
        advance(1)
    folder = folder_of(place)
    # copies that were cut off lie in the folder itself, whole ones in a folder of it
    stray = [*folder.glob("*.part"), *(path for path in folder.glob("*/*") if path not in known)]
    if missing:
        yield _Result("files", "problem", f"missing: {'; '.join(missing)}; put them back into {folder}")
    if changed:
        yield _Result("files", "problem", f"no longer what was attached: {'; '.join(changed)}")
    if not (missing or changed):
        yield _Result("files", "ok", f"{len(known)} in {folder}" if known else "")
    if stray:
        yield _Result(
            "stray files",
            "warning",
            f"{len(stray)} in {folder} belong to no paper and may go: {stray[0].name}",
        )


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _place(place: Path) -> _Result:
    """Whether the folder is one that a program copies elsewhere, or lies on another machine."""
    resolved = place.resolve()
    for folder in resolved.parents:
        name = folder.name.lower()
        marked = next((mark for mark in _SYNC_MARKS if (folder / mark).exists()), "")
        if name.startswith(_SYNCED) or name.endswith("-onedrive") or marked:
            detail = f"{folder} is synchronised, which can tear a database apart"
            fix = "move it with: diffkit paper backup, and --db or DIFFKIT_DB"
            return _Result("place", "warning", f"{detail}; {fix}")
    kind = _file_system(resolved)
    if kind.removeprefix("fuse.").startswith(_NETWORKS):
        return _Result("place", "warning", f"it lies on another machine ({kind}), where locks may not hold")
    return _Result("place", "ok")


def _file_system(path: Path) -> str:
    """The kind of file system by Linux's table of mounts; empty elsewhere."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return ""
    around = [(point, kind) for point, kind in mounts if path.is_relative_to(point.replace("\\040", " "))]
    return max(around, key=lambda mount: len(mount[0]))[1] if around else ""


def _copies(place: Path) -> _Result:
    copies = backups(place)
    if not copies:
        return _Result("backups", "warning", "none beside the database; make one with: diffkit paper backup")
    return _Result("backups", "ok", f"{len(copies)}, the newest {copies[-1].name}")
