"""A pass on a real terminal: questions one by one, several lines, Ctrl-C."""

from __future__ import annotations

import os
import select
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

pty = pytest.importorskip("pty", reason="needs a POSIX terminal")

Run = Callable[..., Result]
Document = Callable[..., dict[str, Any]]

PATIENCE = 60.0  # seconds that a busy machine may take
SCRIPT = "from diffkit_papers.commands import paper; paper()"


class Terminal:
    """`diffkit paper` in a pseudo-terminal; `answer` waits for a question before it types."""

    def __init__(self, database: Path, *arguments: str) -> None:
        self.seen = ""
        self.closed = False
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "DIFFKIT_DB": str(database),
            "TERM": "dumb",
            "PYTHONUTF8": "1",
        }
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execve(sys.executable, [sys.executable, "-c", SCRIPT, *arguments], environment)

    def answer(self, question: str, text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while question not in self.seen:
            assert self.read(deadline), f"no {question!r} in {self.seen!r}"
        self.seen = self.seen.partition(question)[2]
        os.write(self.terminal, text.encode())

    def interrupt(self) -> int:
        """Ctrl-C at the prompt, and the exit code.

        A signal that arrives in the moment before Python begins to wait for a line is only seen when the line
        comes. So there is a pause before the key, and it is pressed again when nothing happens.
        """
        time.sleep(0.2)
        patience = time.monotonic() + PATIENCE
        while not self.closed:
            assert time.monotonic() < patience, f"Ctrl-C is not heard: {self.seen!r}"
            os.write(self.terminal, b"\x03")
            deadline = time.monotonic() + 5
            while self.read(deadline):
                pass
        return self.end()

    def end(self) -> int:
        """Read to the end; the exit code."""
        while self.read(time.monotonic() + PATIENCE):
            pass
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def read(self, deadline: float) -> bool:
        """Whether there was something to read before the deadline."""
        if self.closed or not select.select([self.terminal], [], [], max(deadline - time.monotonic(), 0))[0]:
            return False
        try:
            data = os.read(self.terminal, 4096)
        except OSError:  # how Linux tells that the other end is closed
            data = b""
        self.closed = not data
        self.seen += data.decode(errors="replace")
        return bool(data)


@pytest.fixture
def key(run: Run) -> str:
    assert (
        run("add", "--title", "On Random Graphs", "--author", "Erdős, Pál", "--year", "1959").exit_code == 0
    )
    return "erdos1959random"


def test_questions_are_asked_skipped_and_continued(db_path: Path, key: str, document: Document) -> None:
    terminal = Terminal(db_path, "pass", key, "1")
    terminal.answer("What kind of paper", "数学\n")
    terminal.answer("Which papers", "first line\\\n")
    terminal.answer("> ", "second line\n")
    for question in ("assumptions", "contributions", "well written", "key figures"):
        terminal.answer(question, "\n")
    terminal.answer("fit what you need", "yes\n")
    terminal.answer("Verdict", "continue\n")
    assert terminal.end() == 0
    assert f"diffkit paper pass {key} 2" in terminal.seen
    (done,) = document("show", key)["paper"]["passes"]
    assert done["answers"] == {"category": "数学", "context": "first line\nsecond line", "fit": "yes"}
    assert done["verdict"] == "continue"
    assert done["minutes"] >= 0


def test_ctrl_c_keeps_what_was_answered_and_the_pass_goes_on(
    db_path: Path, key: str, document: Document
) -> None:
    terminal = Terminal(db_path, "pass", key, "1")
    terminal.answer("What kind of paper", "a proof\n")
    terminal.answer("Which papers", "")
    terminal.answer("> ", "half an ans")
    assert terminal.interrupt() == 130
    lines = terminal.seen.splitlines()  # which are broken between words, and not inside the command
    assert "error: interrupted; pass 1 keeps 1 of 7 answers; go on with:" in lines
    assert f"diffkit paper pass {key} 1" in lines
    paper = document("show", key)["paper"]
    assert paper["state"] == "reading"
    assert paper["passes"][0]["answers"] == {"category": "a proof"}

    terminal = Terminal(db_path, "pass", key, "1", "--minutes", "7")
    terminal.answer("Which papers", "none\n")  # the answered question does not come again
    terminal.answer("assumptions", "\x04")  # end of input stops, too
    assert terminal.end() == 130
    (done,) = document("show", key)["paper"]["passes"]
    assert done["answers"] == {"category": "a proof", "context": "none"}
    assert done["minutes"] >= 7


def test_without_a_number_it_is_the_pass_that_comes_next(db_path: Path, key: str, run: Run) -> None:
    run("require", key, "--title", "Graphs first")
    run("pass", key, "--verdict", "continue")
    terminal = Terminal(db_path, "pass", key)
    terminal.answer("To be read before it: graphs.", "")
    terminal.answer("Pass 2.", "")
    terminal.answer("1 of 8: What does the title promise", "")
    assert terminal.interrupt() == 130
    assert "\nerror: interrupted" in terminal.seen.replace("\r", "")  # on a line of its own
    run("pass", key, "--verdict", "continue")
    run("pass", key, "--verdict", "continue")
    done = run("pass", key, "--verdict", "continue")
    assert done.exit_code == 1
    assert f"diffkit paper reopen {key}" in done.stderr


def test_words_and_commands_are_not_broken_at_the_end_of_a_line(db_path: Path, key: str, run: Run) -> None:
    for _ in range(3):
        run("pass", key, "--verdict", "continue")
    terminal = Terminal(db_path, "pass", key, "1", "--minutes", "123.25", "--verdict", "continue")
    assert terminal.end() == 0
    lines = terminal.seen.replace("\r", "").splitlines()
    assert max(map(len, lines)) <= 80
    assert f"diffkit paper recall {key}" in lines


def test_arrow_keys_move_in_the_line(db_path: Path, key: str, document: Document) -> None:
    pytest.importorskip("readline")
    terminal = Terminal(db_path, "pass", key, "1")
    terminal.answer("What kind of paper", "")
    terminal.answer("> ", "a poof\x1b[D\x1b[D\x1b[Dr\n")
    terminal.answer("Which papers", "")
    terminal.answer("> ", "\x1b[A, again\n")  # what was typed before comes back
    terminal.answer("assumptions", "")
    assert terminal.interrupt() == 130
    (done,) = document("show", key)["paper"]["passes"]
    assert done["answers"] == {"category": "a proof", "context": "a proof, again"}


def test_the_command_that_comes_next_is_whole_on_its_line(db_path: Path, key: str) -> None:
    terminal = Terminal(db_path, "next")
    assert terminal.end() == 0
    assert f"read it with: diffkit paper pass {key} 1" in terminal.seen.replace("\r", "").splitlines()


@pytest.mark.parametrize("rating", ["good", "3"])
def test_recall_asks_for_the_title_without_showing_it(db_path: Path, key: str, run: Run, rating: str) -> None:
    for _ in range(3):
        run("pass", key, "--verdict", "continue")
    terminal = Terminal(db_path, "recall", key)
    terminal.answer(f"{key}\r\nClose the paper now. From memory: what does the title say?", "")
    assert "Random Graphs" not in terminal.seen
    terminal.answer("> ", "graphs, and random ones\n")
    terminal.answer("How well", "well\n")
    terminal.answer("How well did you recall it? again (1), hard (2), good (3), easy (4)", f"{rating}\n")
    terminal.answer(f"On Random Graphs ({key})\r\nFrom memory: what does the abstract say?", "")
    assert terminal.interrupt() == 130
    assert "1 of 6 recalls are kept" in terminal.seen
    with closing(sqlite3.connect(db_path)) as db:
        assert db.execute("SELECT section, rating FROM reviews").fetchall() == [("title", 3)]


def test_ctrl_c_before_the_first_answer_begins_no_pass(db_path: Path, key: str, document: Document) -> None:
    terminal = Terminal(db_path, "pass", key, "1")
    terminal.answer("What kind of paper", "")
    terminal.answer("> ", "")
    assert terminal.interrupt() == 130
    assert document("show", key)["paper"]["state"] == "new"


def test_a_closed_gate_is_told_before_any_question(db_path: Path, key: str) -> None:
    terminal = Terminal(db_path, "pass", key, "3")
    assert terminal.end() == 1
    assert "needs pass 1" in terminal.seen
    assert "Pass 3." not in terminal.seen


def test_tables_on_a_terminal(db_path: Path, key: str) -> None:
    terminal = Terminal(db_path, "list")
    assert terminal.end() == 0
    assert key in terminal.seen
    assert "\t" not in terminal.seen
