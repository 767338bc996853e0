"""The list of papers with one of them beside it; from here one reads, marks and searches."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import DataTable, Footer, Input, Static
from textual.widgets.data_table import RowDoesNotExist

from diffkit_papers import finding, linking, marking, ordering, recalling, store, undo, views
from diffkit_papers.errors import PaperError
from diffkit_papers.passes import check_gate
from diffkit_papers.records import Paper
from diffkit_papers.tui.answering import PassScreen
from diffkit_papers.tui.dialogs import AskScreen
from diffkit_papers.tui.log import Log
from diffkit_papers.tui.quiz import QuizScreen
from diffkit_papers.tui.texts import details, next_pass, row

PAUSE = 0.1  # seconds without a key before the log is asked
SHOWN = 300  # rows; a query finds the others
# Name of an order in `finding.ORDERS` -> whether it runs backwards, and what it is called.
ORDERS = {
    "added": (False, "oldest in the log first"),
    "priority": (True, "most urgent first"),
    "year": (True, "latest year first"),
    "title": (False, "by title"),
    "state": (False, "by state"),
}
COLUMNS = {"pass": 4, "year": 4}  # the title and the authors share what is left


class QueueScreen(Screen[None]):
    """The papers that match the line above them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "read", "Read"),
        Binding("n", "next", "Next"),
        Binding("slash", "search", "Search", key_display="/"),
        Binding("o", "order", "Order"),
        Binding("r", "recall", "Recall"),
        Binding("a", "note", "Note"),
        Binding("t", "tag", "Tag"),
        Binding("c", "circle", "Circle"),
        Binding("z", "undo", "Undo"),
        Binding("j", "cursor(1)", show=False),
        Binding("k", "cursor(-1)", show=False),
        Binding("u", "scroll(-1)", show=False),
        Binding("escape", "out", show=False),
        Binding("q", "app.quit", "Quit"),
        Binding("d", "scroll(1)", "Scroll", key_display="d/u"),
    ]

    def __init__(self, log: Log) -> None:
        super().__init__()
        self.log_file = log
        self.search_text = ""
        self.order = "added"
        self.waiting: Timer | None = None  # for the end of typing

    def compose(self) -> ComposeResult:
        yield Input(placeholder="attention author:vaswani year:2015.. status:new", id="query")
        with Horizontal():
            yield DataTable(id="papers", cursor_type="row", zebra_stripes=True)
            with VerticalScroll(id="paper", can_focus=False):
                yield Static(id="details")
        yield Static(id="count")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for name, width in COLUMNS.items():
            table.add_column(name, width=width)
        for name in ("title", "authors"):
            table.add_column(name, key=name, width=20)
        self.fill()
        table.focus()

    def on_resize(self) -> None:
        """The title takes the room that the other columns leave, of which the authors need little."""
        table = self.query_one(DataTable)
        taken = sum(COLUMNS.values()) + 2 * (len(COLUMNS) + 2) + 2  # with a space on both sides
        room = max(28, self.size.width * 3 // 5 - taken)
        authors = min(20, room // 3)
        for name, width in (("title", room - authors), ("authors", authors)):
            table.columns[name].width = width  # type: ignore[index]
        table.refresh()

    def fill(self, keep: str = "") -> None:
        """Ask the log again, with the cursor on the paper whose key is `keep` if it is among them."""
        backwards, name = ORDERS[self.order]
        found = self.log_file.ask(
            lambda db: finding.select(db, self.search_text, (), (), self.order, backwards, SHOWN)
        )
        if found is None:
            return
        table = self.query_one(DataTable)
        table.clear()
        for paper in found.papers:
            table.add_row(*row(paper), key=paper.key)
        shown = len(found.papers)
        if shown < found.total:
            count = f"{shown} of {found.total} papers, {name}; narrow the search to see the others"
        else:
            count = f"{views.counted(shown, 'paper')}, {name}" if shown else self._nothing()
        self.query_one("#count", Static).update(count)
        if keep:
            self.point_at(keep)
        if not found.papers:
            self.query_one("#details", Static).update("")

    def _nothing(self) -> str:
        if self.search_text:
            return "no paper matches; Escape shows all again"
        return "no papers yet; add some with: diffkit paper add"

    def current(self) -> Paper | None:
        """The paper under the cursor, as the log has it now."""
        table = self.query_one(DataTable)
        if not table.row_count:
            return None
        key = str(table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value)
        return self.log_file.ask(lambda db: store.find(db, key))

    def point_at(self, key: str) -> bool:
        """Move the cursor to a paper; False when it is not among those shown."""
        table = self.query_one(DataTable)
        try:
            table.move_cursor(row=table.get_row_index(key))
        except RowDoesNotExist:
            return False
        return True

    @on(DataTable.RowHighlighted)
    def show_paper(self) -> None:
        if paper := self.current():
            self.query_one("#details", Static).update(details(paper))
            self.query_one("#paper").scroll_home(animate=False)

    @on(DataTable.RowSelected)
    def read_selected(self) -> None:
        self.action_read()

    @on(Input.Changed, "#query")
    def narrow(self, event: Input.Changed) -> None:
        """While a query is typed its beginnings may make no sense: that is no error yet."""
        try:
            self.log_file.call(lambda db: finding.matching(db, event.value))
        except PaperError:
            return
        self.search_text = event.value
        if self.waiting:
            self.waiting.stop()
        self.waiting = self.set_timer(PAUSE, self.fill)

    @on(Input.Submitted, "#query")
    def search_done(self, event: Input.Submitted) -> None:
        if self.log_file.ask(lambda db: finding.matching(db, event.value)) is not None:
            self.query_one(DataTable).focus()

    def action_search(self) -> None:
        self.query_one("#query").focus()

    def action_out(self) -> None:
        """Out of the search line; from the list, out of the search."""
        if self.query_one("#query").has_focus:
            self.query_one(DataTable).focus()
        else:
            self.query_one("#query", Input).value = ""

    def action_cursor(self, steps: int) -> None:
        table = self.query_one(DataTable)
        table.move_cursor(row=table.cursor_row + steps)

    def action_scroll(self, direction: int) -> None:
        page = self.query_one("#paper")
        page.scroll_relative(y=direction * page.size.height // 2, animate=False)

    def action_order(self) -> None:
        names = list(ORDERS)
        self.order = names[(names.index(self.order) + 1) % len(names)]
        paper = self.current()
        self.fill(keep=paper.key if paper else "")

    def action_next(self) -> None:
        """Go to the paper that `diffkit paper next` proposes."""
        document = self.log_file.ask(ordering.next_papers)
        if document is None:
            return
        step = document["next"]
        if step is None:
            self.notify("nothing waits to be read")
            return
        if not self.point_at(step["key"]):
            self.query_one("#query", Input).value = f"key:{step['key']}"
        self.notify(f"pass {step['pass']} of {step['key']}: {step['reason']}", markup=False)

    def action_read(self) -> None:
        """Do the pass that is open or comes next."""
        paper = self.current()
        if paper is None:
            return
        number = next_pass(paper)
        if number is None:
            self.notify(f"{paper.key} is done: all its passes ended", markup=False)
            return
        try:
            check_gate(paper.passes, number, paper.key)
        except PaperError as error:
            self.log_file.show(error)
        else:
            self.app.push_screen(
                PassScreen(self.log_file, paper, number), self._after_pass(paper.key, number)
            )

    def _after_pass(self, key: str, number: int) -> Callable[[bool | None], None]:
        def show(changed: bool | None) -> None:
            self.fill(keep=key)
            if changed and (said := self.log_file.ask(lambda db: _after(db, key, number))):
                self.notify(said, markup=False)

        return show

    def action_recall(self) -> None:
        """Recall what is due."""
        document = self.log_file.ask(recalling.due)
        if document and document["due"]:
            self.app.push_screen(QuizScreen(self.log_file, document["due"]), lambda done: self.fill())
        elif document:
            later = f"; the next is due {document['next_due'][:10]}" if document["next_due"] else ""
            self.notify(f"nothing is due to be recalled{later}")

    def action_note(self) -> None:
        self._mark("A note on {}", lambda key, text: lambda db: marking.note(db, key, text))

    def action_tag(self) -> None:
        question = "Tags for {}, with spaces between"
        self._mark(question, lambda key, text: lambda db: marking.tag(db, key, text.split()))

    def action_circle(self) -> None:
        question = "Circled in {}: keys, arXiv ids or DOIs, with spaces between"
        self._mark(question, lambda key, text: lambda db: linking.circle(db, key, text.split()))

    def action_undo(self) -> None:
        """Take back the last write."""
        if document := self.log_file.ask(undo.undo):
            paper = self.current()
            self.fill(keep=paper.key if paper else "")
            self.notify(f"undone: {document['undone']['command']}", markup=False)

    def _mark(self, question: str, write: Callable[[str, str], Callable[..., object]]) -> None:
        """Ask for a line about the paper under the cursor, and write it."""
        paper = self.current()
        if paper is None:
            return

        def keep(text: str | None) -> None:
            if text and self.log_file.ask(write(paper.key, text)) is not None:
                self.fill(keep=paper.key)

        self.app.push_screen(AskScreen(question.format(paper.key)), keep)


def _after(db: sqlite3.Connection, key: str, number: int) -> str:
    paper = store.find(db, key)
    done = [one for one in paper.passes if one.number == number][-1]
    what_next = views.after_pass(paper, done, linking.unread(db, paper.id), _key_for)
    freed = linking.freed(db, paper.id) if done.verdict else []
    return "\n".join([what_next, *views.after_waiting(freed)])


def _key_for(step: views.Step, key: str, number: int) -> str:
    pressed = {"end": "p and ctrl+e", "pass": "p", "next": "n", "recall": "r"}[step]
    return f"{pressed} (pass {number})" if step == "pass" else pressed
