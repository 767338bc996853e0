"""The list of papers with one of them beside it; from here one reads, tags and searches."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, TypeVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import DataTable, Footer, Input, Label, Static
from textual.widgets.data_table import RowDoesNotExist

from diffkit_papers import finding, marking, ordering, store, views
from diffkit_papers.database import session
from diffkit_papers.errors import PaperError
from diffkit_papers.passes import check_gate
from diffkit_papers.records import Paper
from diffkit_papers.tui.answering import PassScreen
from diffkit_papers.tui.texts import details, next_pass, plain, row

SHOWN = 1000  # rows; a query finds the others
ORDERS = ("added", "priority", "year", "title", "state")

Result = TypeVar("Result")


class AskScreen(ModalScreen[str]):
    """One line to type."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss('')", "Never mind")]

    def __init__(self, question: str) -> None:
        super().__init__()
        self.question = question

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="dialog"):
            yield Label(plain(self.question))
            yield Input()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())


class PapersApp(App[None]):
    """The reading log on the whole screen."""

    TITLE = "diffkit paper"
    CSS_PATH = "papers.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,enter", "read", "Do the pass"),
        Binding("n", "next", "What next"),
        Binding("slash", "search", "Search", key_display="/"),
        Binding("o", "order", "Order"),
        Binding("t", "tag", "Tag"),
        Binding("j", "cursor(1)", show=False),
        Binding("k", "cursor(-1)", show=False),
        Binding("escape", "leave", show=False),
        Binding("d", "scroll(1)", "Scroll the paper", key_display="d/u"),
        Binding("u", "scroll(-1)", show=False),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, database: Path) -> None:
        super().__init__()
        self.database = database
        self.search_text = ""
        self.order = 0

    def compose(self) -> ComposeResult:
        yield Input(placeholder="attention author:vaswani year:2015.. status:new", id="query")
        with Horizontal():
            yield DataTable(id="papers", cursor_type="row", zebra_stripes=True)
            with VerticalScroll(id="paper", can_focus=False):
                yield Static(id="details")
        yield Static(id="count")
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for name, width in (("pass", 4), ("year", 4), ("authors", 18), ("title", None), ("tags", None)):
            table.add_column(name, width=width)
        self.fill()
        table.focus()

    def fill(self, keep: str = "") -> None:
        """Ask the log again, with the cursor on the paper whose key is `keep` if it is among them."""
        order = ORDERS[self.order]
        backwards = order in ("priority", "year")
        found = self.ask(
            lambda db: finding.select(db, self.search_text, sort=order, reverse=backwards, limit=SHOWN)
        )
        if found is None:
            return
        table = self.query_one(DataTable)
        table.clear()
        for paper in found.papers:
            table.add_row(*row(paper), key=paper.key)
        self.query_one("#count", Static).update(self._count(len(found.papers), found.total, order))
        if keep:
            self.point_at(keep)
        if not found.papers:
            self.query_one("#details", Static).update("")

    def _count(self, shown: int, total: int, order: str) -> str:
        if shown < total:
            return f"{shown} of {total} papers; narrow the search to see others, by {order}"
        if total:
            return f"{total} papers, by {order}"
        return "no paper matches" if self.search_text else "no papers yet; add some with: diffkit paper add"

    def ask(self, call: Callable[[sqlite3.Connection], Result]) -> Result | None:
        """Open the log for one call, so that nothing is held open while somebody thinks.

        None when there was an error, which is shown.
        """
        try:
            with session(self.database) as db:
                return call(db)
        except PaperError as error:
            self.show_error(error)
            return None

    def show_error(self, error: PaperError) -> None:
        self.notify("; ".join(filter(None, [error.message, error.fix])), severity="error", markup=False)

    def current(self) -> Paper | None:
        """The paper under the cursor, as the log has it now."""
        table = self.query_one(DataTable)
        if not table.row_count:
            return None
        key = str(table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value)
        return self.ask(lambda db: store.find(db, key))

    def point_at(self, key: str) -> bool:
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
        before = self.search_text
        self.search_text = event.value
        try:
            with session(self.database) as db:
                finding.matching(db, event.value)
        except PaperError:
            self.search_text = before
            return
        self.fill()

    @on(Input.Submitted, "#query")
    def search_done(self, event: Input.Submitted) -> None:
        if self.ask(lambda db: finding.matching(db, event.value)) is not None:
            self.query_one(DataTable).focus()

    def action_search(self) -> None:
        self.query_one("#query").focus()

    def action_leave(self) -> None:
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
        self.order = (self.order + 1) % len(ORDERS)
        paper = self.current()
        self.fill(keep=paper.key if paper else "")

    def action_next(self) -> None:
        """The paper that `diffkit paper next` proposes."""
        document = self.ask(ordering.next_papers)
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
            self.show_error(error)
        else:
            self.push_screen(PassScreen(self.database, paper, number), self._after_pass(paper.key, number))

    def _after_pass(self, key: str, number: int) -> Callable[[bool | None], None]:
        def show(changed: bool | None) -> None:
            self.fill(keep=key)
            paper = self.current()
            if changed and paper and paper.key == key:
                done = [one for one in paper.passes if one.number == number][-1]
                self.notify(views.after_pass(paper, done), markup=False)

        return show

    def action_tag(self) -> None:
        paper = self.current()
        if paper is None:
            return

        def give(tags: str | None) -> None:
            if tags and self.ask(lambda db: marking.tag(db, paper.key, tags.split())):
                self.fill(keep=paper.key)

        self.push_screen(AskScreen(f"Tags for {paper.key}, with spaces between"), give)
