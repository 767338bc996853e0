"""The full screen, driven key by key."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from diffkit_papers import reading, store
from diffkit_papers.database import session
from diffkit_papers.passes import QUESTIONS, State, Verdict
from diffkit_papers.records import Author, NewPaper, Paper

pytest.importorskip("textual", reason="the extra `tui` is not installed")
from textual.pilot import Pilot
from textual.widgets import DataTable, Input, TextArea

from diffkit_papers.tui.answering import PassScreen
from diffkit_papers.tui.app import PapersApp
from diffkit_papers.tui.queue import PAUSE, QueueScreen
from diffkit_papers.tui.quiz import QuizScreen

EVIL = "Evil [bold]title[/bold] \x1b[2J\x1b]0;x\x07 [/] end"
KEY = "vaswani2017attention"

Script = Callable[[Pilot[None]], Awaitable[None]]
Drive = Callable[..., PapersApp]


@pytest.fixture
def path(db_path: Path) -> Path:
    with session(db_path, create=True) as db:
        authors = (Author("Vaswani", "Ashish"),)
        papers = [
            NewPaper(title="Attention is all you need", authors=authors, year=2017, tags=("nlp",)),
            NewPaper(title="深度学习", authors=(Author("周志华"),), year=2016),
            NewPaper(title=EVIL, year=2020, abstract=EVIL),
        ]
        store.add(db, papers)
    return db_path


@pytest.fixture
def drive(path: Path) -> Drive:
    """`drive(script)` runs the program on the log and `script(pilot)` on its keys."""

    def run(script: Script, size: tuple[int, int] = (110, 30), on: Path = path) -> PapersApp:
        app = PapersApp(on)

        async def drive() -> None:
            async with app.run_test(size=size, notifications=True) as pilot:
                await pilot.pause()
                await script(pilot)
                await pilot.pause()

        asyncio.run(drive())
        return app

    return run


def paper(path: Path, key: str = KEY) -> Paper:
    with session(path) as db:
        return store.find(db, key)


def shown(pilot: Pilot[None]) -> str:
    """Everything that stands in the lines of the screen."""
    return "\n".join(
        "".join(segment.text for segment in strip) for strip in pilot.app.screen._compositor.render_strips()
    )


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def write(pilot: Pilot[None], text: str) -> None:
    await pilot.press(*("space" if c == " " else c for c in text))
    await pilot.pause()


def messages(pilot: Pilot[None]) -> list[str]:
    return [str(one.message) for one in pilot.app._notifications]


def test_a_pass_is_done_with_the_keyboard(drive: Drive, path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, PassScreen)
        assert "What kind of paper" in shown(pilot)
        await write(pilot, "a proof")
        await press(pilot, "ctrl+n")
        assert "Which papers does it build on" in shown(pilot)
        assert paper(path).passes[0].answers == {"category": "a proof"}  # kept already
        await write(pilot, "two")
        await press(pilot, "enter")
        await write(pilot, "lines")
        await press(pilot, "ctrl+e")
        assert "hard:" not in shown(pilot)  # pass 1 only looks
        await press(pilot, "c")
        assert messages(pilot)[-1] == "go on with: p (pass 2)"
        assert isinstance(pilot.app.screen, QueueScreen)

    drive(script)
    (done,) = paper(path).passes
    assert done.answers == {"category": "a proof", "context": "two\nlines"}
    assert done.verdict is Verdict.CONTINUE
    assert done.minutes is not None


def test_looking_at_the_questions_begins_no_pass(drive: Drive, path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "p", "ctrl+n", "ctrl+p", "escape")

    drive(script)
    assert paper(path).state is State.NEW


@pytest.mark.parametrize("keys", [["escape"], ["ctrl+e", "escape"], ["ctrl+q"]])
def test_an_answer_is_kept_however_the_screen_is_left(drive: Drive, path: Path, keys: list[str]) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "p")
        await write(pilot, "half")
        await press(pilot, *keys)

    drive(script)
    (done,) = paper(path).passes
    assert (done.answers, done.verdict) == ({"category": "half"}, None)
    assert done.minutes is not None


def test_an_open_pass_goes_on_where_it_stopped(drive: Drive, path: Path) -> None:
    with session(path) as db:
        reading.record(db, KEY, 1, {"category": "a proof", "context": "none"})

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "p")
        assert "Do its assumptions" in shown(pilot)
        assert "● category" in shown(pilot)
        await press(pilot, "ctrl+p")
        assert pilot.app.screen.query_one(TextArea).text == "none"
        await write(pilot, "!")
        await press(pilot, "escape")

    drive(script)
    assert paper(path).passes[0].answers == {"category": "a proof", "context": "none!"}


def test_a_paper_that_is_too_hard_waits_for_others(drive: Drive, path: Path) -> None:
    with session(path) as db:
        reading.record(db, KEY, 1, {}, 5, Verdict.CONTINUE)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "p", "ctrl+e", "h")
        assert "Which papers first" in shown(pilot)
        await press(pilot, "enter")  # none named: told, and the pass stays on the screen
        assert "until which papers are read" in messages(pilot)[-1]
        assert isinstance(pilot.app.screen, PassScreen)
        await press(pilot, "ctrl+e", "h")
        await write(pilot, "1409.0473")
        await press(pilot, "enter")

    drive(script)
    assert paper(path).state is State.WAITING
    assert [link.kind.value for link in paper(path).links] == ["prerequisite"]


def test_pass_3_recalls_against_the_notes_and_the_quiz_brings_it_back(drive: Drive, path: Path) -> None:
    with session(path) as db:
        reading.record(db, KEY, 1, {}, 5, Verdict.CONTINUE)
        reading.record(db, KEY, 2, {"title": "my old note"}, 5, Verdict.CONTINUE)
    place = [question.name for question in QUESTIONS[3]].index("recall_title")

    async def third(pilot: Pilot[None]) -> None:
        await press(pilot, "p", *["ctrl+n"] * place)
        assert "Close the paper now" in shown(pilot)
        await write(pilot, "attention")
        await press(pilot, "ctrl+n")
        assert "my old note" in shown(pilot)
        await press(pilot, "3", "ctrl+e", "c", "r")
        assert isinstance(pilot.app.screen, QuizScreen), messages(pilot)  # the five not rated are due
        assert "Recall 1 of 5" in shown(pilot)
        await write(pilot, "it says")
        await press(pilot, "ctrl+n", "2", "escape")

    drive(third)
    assert paper(path).state is State.DONE
    with session(path) as db:
        reviews = [tuple(row) for row in db.execute("SELECT section, rating, recalled FROM reviews")]
    assert reviews == [("title", 3, "attention"), ("abstract", 2, "it says")]


def test_search_narrows_while_it_is_typed(drive: Drive) -> None:
    async def script(pilot: Pilot[None]) -> None:
        table = pilot.app.screen.query_one(DataTable)
        await press(pilot, "slash")
        await write(pilot, "attention (")  # not a query yet
        await pilot.pause(3 * PAUSE)
        assert table.row_count == 1
        assert messages(pilot) == []
        await press(pilot, "enter")
        assert "a word is missing at the end" in messages(pilot)[-1]
        await press(pilot, "escape", "escape")
        await pilot.pause(3 * PAUSE)
        assert table.row_count == 3
        pilot.app.screen.query_one(Input).value = "度学"
        await pilot.pause(3 * PAUSE)
        assert table.row_count == 1
        pilot.app.screen.query_one(Input).value = "nowhere"
        await pilot.pause(3 * PAUSE)
        assert "no paper matches" in shown(pilot)
        await press(pilot, "p", "t", "o", "k", "j", "d")  # nothing to do them with

    drive(script)


def test_marks_and_undo(drive: Drive, path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "t")
        await write(pilot, "to-cite 2026")
        await press(pilot, "enter", "a")
        await write(pilot, "see page 3")
        await press(pilot, "enter")
        assert "see page 3" in shown(pilot)
        assert set(paper(path).tags) == {"nlp", "to-cite", "2026"}
        await press(pilot, "z")
        assert "undone: note" in messages(pilot)[-1]
        assert "see page 3" not in shown(pilot)

    drive(script)
    assert paper(path).notes == ()


def test_what_next_moves_to_the_paper(drive: Drive, path: Path) -> None:
    with session(path) as db:
        key = db.execute("SELECT key FROM papers ORDER BY id DESC").fetchone()[0]
        reading.record(db, key, 1, {"fit": "x"})

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "n")
        assert pilot.app.screen.query_one(DataTable).cursor_row == 2
        assert f"pass 1 of {key}" in messages(pilot)[-1]

    drive(script)


@pytest.mark.parametrize("size", [(110, 30), (40, 10), (20, 5)])
def test_text_from_files_never_moves_the_cursor(drive: Drive, size: tuple[int, int]) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "j", "j")
        text = shown(pilot)
        assert not {"\x1b", "\x07"} & set(text)
        if size[0] > 100:
            assert "Evil [bold]title[/bold]" in text
        await press(pilot, "p")
        assert not {"\x1b", "\x07"} & set(shown(pilot))

    drive(script, size)


def test_an_empty_log_says_how_to_begin(drive: Drive, tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        assert "no papers yet; add some with: diffkit paper add" in shown(pilot)
        await press(pilot, "p", "n", "r", "z")
        assert any("nothing waits to be read" in message for message in messages(pilot))

    drive(script, on=tmp_path / "none.db")


def test_a_log_that_breaks_meanwhile_is_a_message_and_no_crash(
    drive: Drive, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffkit_papers import database

    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)

    async def script(pilot: Pilot[None]) -> None:
        blocker = sqlite3.connect(path, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        await press(pilot, "p")
        await write(pilot, "x")
        await press(pilot, "escape")
        assert "locked by another program" in messages(pilot)[-1]
        assert pilot.app.screen.query_one(TextArea).text == "x"  # still there, to be kept later
        blocker.close()
        await press(pilot, "escape")

    drive(script)
    assert paper(path).passes[0].answers == {"category": "x"}


def test_outside_a_terminal_the_full_screen_is_refused(run: Any) -> None:
    result = run("tui")
    assert result.exit_code == 2
    assert "needs a terminal" in result.stderr
