"""A pass on the full screen: its questions on the left, the answer to one of them on the right."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from diffkit_papers import reading, recalling
from diffkit_papers.passes import PASS_AIMS, QUESTIONS, Verdict, open_pass
from diffkit_papers.records import Paper
from diffkit_papers.tui.dialogs import AskScreen, rating_screen, verdict_screen
from diffkit_papers.tui.log import Log
from diffkit_papers.tui.texts import plain

RECALL = "recall_"  # begins the names of questions that are answered with the paper closed


class PassScreen(Screen[bool]):
    """The questions of one pass. An answer is kept when the next one is begun or the screen is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n,f3", "move(1)", "Next question", priority=True),
        Binding("ctrl+p,f2", "move(-1)", "Previous", priority=True),
        Binding("ctrl+e,f10", "end", "End the pass", priority=True),
        Binding("escape", "leave", "Keep and leave"),
    ]

    def __init__(
        self, log: Log, paper: Paper, number: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self.log_file, self.paper, self.number, self.clock = log, paper, number, clock
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

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._keep_then(lambda: self._go(event.option_index))

    def action_move(self, steps: int) -> None:
        self._keep_then(lambda: self._go((self.current + steps) % len(self.questions)))

    def action_end(self) -> None:
        self._keep_then(lambda: self.app.push_screen(verdict_screen(self.number), self._verdict))

    def action_leave(self) -> None:
        self._keep_then(lambda: self._finish(None))

    def keep_all(self) -> bool:
        """Store what is on the screen and the time that was spent, for a program that ends."""
        if not self._keep():
            return False
        return not self.changed or self._record({}, self._spent())

    def _go(self, index: int) -> None:
        self.current = index
        self._show()

    def _show(self) -> None:
        question = self.questions[self.current]
        self.query_one("#question", Static).update(plain(question.text, "bold"))
        area = self.query_one(TextArea)
        area.text = self.answers.get(question.name, "")
        area.move_cursor(area.document.end)
        area.focus()
        options = self.query_one(OptionList)
        options.clear_options()
        for one in self.questions:
            sign = "●" if one.name in self.answers else "○"
            options.add_option(Option(f"{sign} {one.name.replace('_', ' ')}"))
        options.highlighted = self.current

    def _keep_then(self, go_on: Callable[[], object]) -> None:
        """Keep the answer on the screen; a recalled section is rated before `go_on`."""
        name = self.questions[self.current].name
        before = self.answers.get(name)
        if not self._keep():
            return
        if not name.startswith(RECALL) or self.answers.get(name) == before:
            go_on()
            return
        section = name.removeprefix(RECALL)
        notes = self.log_file.ask(lambda db: recalling.notes_of(db, self.paper.key, section)) or ""

        def rate(rating: str | None) -> None:
            if rating:
                ratings = {section: int(rating)}
                self._call(lambda db: reading.record(db, self.paper.key, self.number, {}, ratings=ratings))
            go_on()

        self.app.push_screen(rating_screen(section, notes), rate)

    def _keep(self) -> bool:
        """Store the answer on the screen if it is new; False when that was not possible."""
        name = self.questions[self.current].name
        text = self.query_one("#answer", TextArea).text.strip()
        if not text or text == self.answers.get(name):
            return True
        if not self._record({name: text}):
            return False
        self.answers[name] = text
        return True

    def _verdict(self, text: str | None) -> None:
        verdict = Verdict(text) if text else None
        if verdict is Verdict.HARD:
            question = "Which papers first? Keys, arXiv ids or DOIs, with spaces between"
            self.app.push_screen(
                AskScreen(question), lambda needs: self._finish(verdict, (needs or "").split())
            )
        else:
            self._finish(verdict)

    def _finish(self, verdict: Verdict | None, needs: Sequence[str] = ()) -> None:
        if verdict is None and not self.changed:
            self.dismiss(False)  # looked at, not read: no pass begins
        elif self._record({}, self._spent(), verdict, needs):
            self.dismiss(True)

    def _spent(self) -> float:
        return round((self.clock() - self.started) / 60, 1)

    def _record(
        self,
        answers: dict[str, str],
        minutes: float | None = None,
        verdict: Verdict | None = None,
        needs: Sequence[str] = (),
    ) -> bool:
        return self._call(
            lambda db: reading.record(db, self.paper.key, self.number, answers, minutes, verdict, needs=needs)
        )

    def _call(self, function: Callable[..., object]) -> bool:
        if self.log_file.ask(function) is None:
            return False
        self.changed = True
        return True
