"""The script `diffkit`."""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # the names that `signal` adds take a millisecond
import _thread
import gc
import sys
from time import monotonic, sleep

SAME_WISH = 1.0  # seconds in which Ctrl-C that is pressed again means what it meant before


class Interrupts:
    """Ctrl-C as one KeyboardInterrupt, however often it is pressed.

    Where another would come out of what undoes the work, or of the exit, it could be half undone, or tell of
    itself in many lines. What takes longer than `SAME_WISH` can be interrupted again.
    """

    def __init__(self) -> None:
        self.heard: float | None = None
        # who starts us in the background may want it ignored
        self.wanted = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if self.wanted:
            signal.signal(signal.SIGINT, self.hear)
            sys.unraisablehook = self.dropped

    def hear(self, number: int, frame: object) -> None:
        if self.heard is None or monotonic() - self.heard > SAME_WISH:
            self.heard = monotonic()
            raise KeyboardInterrupt

    def dropped(self, error: sys.UnraisableHookArgs) -> None:
        """Python passes over what is raised in a callback, of which it has one after every import."""
        if issubclass(error.exc_type, KeyboardInterrupt):
            self.heard = None
            _thread.start_new_thread(press_again, (_thread.get_ident(),))
        else:
            sys.__unraisablehook__(error)

    def end(self) -> None:
        """From here on it changes no exit status that is given, or ends the process without a word."""
        if self.wanted:
            signal.signal(signal.SIGINT, signal.SIG_DFL if self.heard is None else signal.SIG_IGN)


def press_again(thread: int) -> None:
    sleep(0.01)  # when the callback is over
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:
        signal.pthread_kill(thread, signal.SIGINT)  # which also wakes it, where it waits


def main() -> None:
    """Run the command line."""
    # Imports make many objects and no garbage: to look for it takes a tenth of a short command's time.
    gc.set_threshold(50_000)
    interrupts = Interrupts()
    try:
        from diffkit_cli.host import cli

        cli.main()
    except KeyboardInterrupt:  # before the host is there to answer
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    finally:
        interrupts.end()
        gc.freeze()  # the interpreter does not look for garbage among all that on its way out
