"""Recall on the full screen: one section after the other, with the paper closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, Static, TextArea

from diffkit_papers import recalling
from diffkit_papers.passes import recall_question
from diffkit_papers.tui.dialogs import rating_screen
from diffkit_papers.tui.log import Log
from diffkit_papers.tui.texts import plain


class QuizScreen(Screen[int]):
    """What is due, one section at a time; returns how many were recalled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n,f3", "compare", "Compare with your notes", priority=True),
        Binding("escape", "leave", "Leave"),
    ]

    def __init__(self, log: Log, due: list[Mapping[str, Any]]) -> None:
        super().__init__()
        self.log_file, self.due = log, due
        self.done = 0

    def compose(self) -> ComposeResult:
        yield Static(id="heading")
        yield Static(id="question")
        yield TextArea(id="answer")
        yield Footer()

    def on_mount(self) -> None:
        self._show()

    def action_compare(self) -> None:
        """Show the notes of pass 2, and ask how well it went."""
        one, text = self.due[self.done], self.query_one(TextArea).text
        notes = self.log_file.ask(lambda db: recalling.notes_of(db, one["key"], one["section"])) or ""

        def rate(rating: str | None) -> None:
            if rating and self.log_file.ask(
                lambda db: recalling.recall(db, one["key"], one["section"], text, int(rating))
            ):
                self.done += 1
                self._show()

        self.app.push_screen(rating_screen(one["section"], notes), rate)

    def action_leave(self) -> None:
        self.dismiss(self.done)

    def _show(self) -> None:
        if self.done == len(self.due):
            self.dismiss(self.done)
            return
        one = self.due[self.done]
        heading = f"Recall {self.done + 1} of {len(self.due)}: {recalling.heading(one)}"
        self.query_one("#heading", Static).update(plain(heading, "bold"))
        self.query_one("#question", Static).update(plain(recall_question(one["section"]), "bold"))
        area = self.query_one(TextArea)
        area.text = ""
        area.focus()
