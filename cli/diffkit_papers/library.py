"""The library folder beside the database: files kept once each, under the hash of what is in them."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffkit_papers import store
from diffkit_papers.database import now, path_of, transaction
from diffkit_papers.errors import DatabaseProblem, NotFound
from diffkit_papers.records import File

if TYPE_CHECKING:
    from _typeshed import StrPath

    from diffkit_papers.life import Kept

Document = dict[str, Any]

_CHUNK = 1 << 20


def folder_of(database: StrPath) -> Path:
    """Where the files of a database lie."""
    return Path(database).with_suffix(".files")


def place_of(database: StrPath, file: File | Kept) -> Path:
    """Where one of its files lies: `ab/abcd....pdf`."""
    return folder_of(database) / _place(file.sha256, file.name)


def attach(db: sqlite3.Connection, name: str, paths: Iterable[Path]) -> Document:
    """Keep copies of files with a paper; a file that it has already is not kept twice."""
    found = store.find(db, name)
    kept = keep(db, [(found.key, path) for path in paths])
    return {"key": found.key, "files": kept}


def keep(db: sqlite3.Connection, wanted: Iterable[tuple[str, Path]]) -> list[Document]:
    """Copy files into the library and note for each the paper with that key, all of them or none.

    The copies are complete on the disk before the database speaks of them.
    """
    database = path_of(db)
    if database is None:
        raise DatabaseProblem("a log in memory keeps no files", fix="name a file with --db")
    copies = [(key, path, *_copied(database, path)) for key, path in wanted]
    kept = []
    with transaction(db, "attach"):
        for key, path, sha256, size in copies:
            row = db.execute("SELECT id FROM papers WHERE key = ?", [key]).fetchone()
            have = "SELECT 1 FROM files WHERE paper_id = ? AND sha256 = ?"
            new = db.execute(have, [row["id"], sha256]).fetchone() is None
            if new:
                values = {"paper_id": row["id"], "sha256": sha256, "name": path.name, "size": size}
                store.insert(db, "files", values | {"added_at": now()})
            kept.append({"key": key, "name": path.name, "sha256": sha256, "size": size, "new": new})
    return kept


def open_file(db: sqlite3.Connection, name: str, number: int = 1) -> Document:
    """Where a paper's file lies, the first one unless `number` says which."""
    found = store.find(db, name)
    database = path_of(db)
    if not found.files or database is None:
        raise NotFound(
            f"{found.key} has no file", fix=f"give it one: diffkit paper attach {found.key} FILE.pdf"
        )
    if not 1 <= number <= len(found.files):
        raise NotFound(
            f"{found.key} has {len(found.files)} files, no file {number}", fix="see: diffkit paper show"
        )
    path = place_of(database, found.files[number - 1])
    if not path.is_file():
        fix = "attach it again, or see: diffkit paper doctor"
        raise NotFound(f"the file of {found.key} is missing: {path}", fix=fix)
    return {"key": found.key, "name": found.files[number - 1].name, "path": str(path)}


def _copied(database: StrPath, path: Path) -> tuple[str, int]:
    """Hash and size of a file of which the library has a copy now."""
    try:
        with open(path, "rb") as source:
            return _copy(source, folder_of(database), path.name)
    except OSError as error:
        if error.filename is not None and Path(error.filename) == path:
            raise NotFound(f"cannot read {str(path)!r}: {error.strerror}", fix="check the path") from error
        reason = error.strerror or str(error)
        fix = "free some space, or make the folder writable"
        raise DatabaseProblem(f"cannot write into {folder_of(database)}: {reason}", fix=fix) from error


def _copy(source: Any, folder: Path, name: str) -> tuple[str, int]:
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        hash_ = hashlib.sha256()
        size = 0
        with os.fdopen(handle, "wb") as copy:
            while chunk := source.read(_CHUNK):
                hash_.update(chunk)
                copy.write(chunk)
                size += len(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        target = folder / _place(hash_.hexdigest(), name)
        target.parent.mkdir(exist_ok=True)
        os.replace(temporary, target)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
    return hash_.hexdigest(), size


def _place(sha256: str, name: str) -> Path:
    return Path(sha256[:2], sha256 + Path(name).suffix.lower())
