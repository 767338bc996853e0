"""A pass on the full screen: its questions on the left, the answer to one of them on the right."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Label, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from diffkit_papers import reading
from diffkit_papers.database import session
from diffkit_papers.errors import PaperError
from diffkit_papers.passes import PASS_AIMS, QUESTIONS, Verdict, open_pass
from diffkit_papers.records import Paper
from diffkit_papers.tui.texts import plain

VERDICTS = {
    Verdict.CONTINUE: "continue: it is worth the next pass",
    Verdict.PARK: "park: not now",
    Verdict.DROP: "drop: not for me, which is a good outcome too",
    Verdict.HARD: "hard: other papers have to be read first",
}


class VerdictScreen(ModalScreen[Verdict | None]):
    """How the pass ends; Escape leaves it open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave the pass open"),
        *(Binding(verdict.value[0], f"choose('{verdict.value}')", show=False) for verdict in Verdict),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Label("How does the pass end? A letter or Enter chooses, Escape leaves it open.")
            yield OptionList(*(Option(text, id=verdict.value) for verdict, text in VERDICTS.items()))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(Verdict(event.option.id or ""))

    def action_choose(self, verdict: str) -> None:
        self.dismiss(Verdict(verdict))


class PassScreen(Screen[bool]):
    """The questions of one pass. An answer is kept when the next one is begun or the screen is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n,f3", "move(1)", "Next question", priority=True),
        Binding("ctrl+p,f2", "move(-1)", "Previous", priority=True),
        Binding("ctrl+e,f10", "end", "End the pass", priority=True),
        Binding("escape", "leave", "Keep and leave", priority=True),
    ]

    def __init__(
        self, database: Path, paper: Paper, number: int, clock: Callable[[], float] = time.monotonic
    ):
        super().__init__()
        self.database, self.paper, self.number, self.clock = database, paper, number, clock
        begun = open_pass(paper.passes, number)
        self.answers = dict(begun.answers) if begun else {}
        self.questions = QUESTIONS[number]
        unanswered = (i for i, question in enumerate(self.questions) if question.name not in self.answers)
        self.current = next(unanswered, 0)
        self.changed = False
        self.started = clock()

    def compose(self) -> ComposeResult:
        yield Static(plain(f"Pass {self.number}: {self.paper.label}", "bold"), id="heading")
        yield Static(PASS_AIMS[self.number], id="aim")
        with Horizontal():
            yield OptionList(id="questions")
            with Vertical():
                yield Static(id="question")
                yield TextArea(id="answer")
        yield Footer()

    def on_mount(self) -> None:
        self._show()
        self.query_one(TextArea).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._go(event.option_index)

    def action_move(self, steps: int) -> None:
        self._go((self.current + steps) % len(self.questions))

    def action_end(self) -> None:
        if self._keep():
            self.app.push_screen(VerdictScreen(), self._end)

    def action_leave(self) -> None:
        if isinstance(self.app.screen, VerdictScreen):
            self.app.screen.dismiss(None)
        elif self._keep():
            self._end(None)

    def _go(self, index: int) -> None:
        if self._keep():
            self.current = index
            self._show()
            self.query_one(TextArea).focus()

    def _show(self) -> None:
        question = self.questions[self.current]
        self.query_one("#question", Static).update(plain(question.text, "bold"))
        self.query_one(TextArea).text = self.answers.get(question.name, "")
        options = self.query_one(OptionList)
        options.clear_options()
        for one in self.questions:
            sign = "●" if one.name in self.answers else "○"
            options.add_option(Option(f"{sign} {one.name.replace('_', ' ')}"))
        options.highlighted = self.current

    def _keep(self) -> bool:
        """Store the answer on the screen if it is new; False when that was not possible."""
        name = self.questions[self.current].name
        text = self.query_one(TextArea).text.strip()
        if not text or text == self.answers.get(name):
            return True
        if not self._record({name: text}, None, None):
            return False
        self.answers[name] = text
        return True

    def _end(self, verdict: Verdict | None) -> None:
        spent = round((self.clock() - self.started) / 60, 1)
        if verdict is None and not self.changed:
            self.dismiss(False)  # looked at, not read: no pass begins
        elif self._record({}, spent, verdict):
            self.dismiss(True)

    def _record(self, answers: dict[str, str], minutes: float | None, verdict: Verdict | None) -> bool:
        try:
            with session(self.database) as db:
                reading.record(db, self.paper.key, self.number, answers, minutes, verdict)
        except PaperError as error:
            self.notify(f"{error.message}; {error.fix}", severity="error", markup=False)
            return False
        self.changed = True
        return True
