"""Small questions over a screen: a line, a verdict, how well something was recalled. Escape takes none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from diffkit_papers.passes import Verdict
from diffkit_papers.tui.texts import plain

VERDICTS = {
    Verdict.CONTINUE: "continue: it is worth the next pass",
    Verdict.PARK: "park: not now",
    Verdict.DROP: "drop: not for me, which is a good outcome too",
    Verdict.HARD: "hard: other papers have to be read first",
}
RATINGS = {
    "1": "1  again: it was gone",
    "2": "2  hard: with effort, or in part",
    "3": "3  good: it came",
    "4": "4  easy: it came at once",
}


class AskScreen(ModalScreen[str]):
    """One line to type; an empty one is none."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss('')", "Never mind")]

    def __init__(self, question: str) -> None:
        super().__init__()
        self.question = question

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(plain(self.question))
            yield Input()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())


class ChoiceScreen(ModalScreen[str]):
    """One of a few answers, chosen with its first letter or with Enter; "" when none was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss('')", "Never mind"),
        *(Binding(name[0], f"choose('{name[0]}')", show=False) for name in (*Verdict, *RATINGS)),
    ]

    def __init__(self, question: str, choices: Mapping[str, str], text: str = "") -> None:
        super().__init__()
        self.question, self.choices, self.text = question, choices, text

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            if self.text:
                with VerticalScroll(classes="notes"):
                    yield Static(plain(self.text))
            yield Label(plain(self.question))
            yield OptionList(*(Option(text, id=name) for name, text in self.choices.items()))

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def action_choose(self, letter: str) -> None:
        for name in self.choices:
            if name.startswith(letter):
                self.dismiss(name)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id or "")


def verdict_screen(number: int) -> ChoiceScreen:
    """How pass `number` ends; the first one only looks, and is never too hard."""
    choices = {verdict.value: text for verdict, text in VERDICTS.items()}
    if number == 1:
        del choices[Verdict.HARD.value]
    return ChoiceScreen("How does the pass end? Escape leaves it open.", choices)


def rating_screen(section: str, notes: str) -> ChoiceScreen:
    """How well a section was recalled, beside what was noted of it in pass 2."""
    text = f"Your notes of pass 2 on the {section}:\n{notes}" if notes else ""
    return ChoiceScreen(f"How well did you recall the {section}?", RATINGS, text)
