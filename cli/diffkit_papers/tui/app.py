"""The program: its first screen, its looks, and a way out that loses no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

from diffkit_papers.tui.answering import PassScreen
from diffkit_papers.tui.log import Log
from diffkit_papers.tui.queue import QueueScreen

if TYPE_CHECKING:
    from _typeshed import StrPath


class PapersApp(App[None]):
    """The reading log on the whole screen."""

    TITLE = "diffkit paper"
    CSS_PATH = "papers.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, database: StrPath) -> None:
        super().__init__()
        self.log_file = Log(database, self)

    def on_mount(self) -> None:
        self.push_screen(QueueScreen(self.log_file))

    async def action_quit(self) -> None:
        """Leave, with the answer that is being typed kept."""
        screens = [screen for screen in self.screen_stack if isinstance(screen, PassScreen)]
        if all(screen.keep_all() for screen in screens):
            self.exit()
