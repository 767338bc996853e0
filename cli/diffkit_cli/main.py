"""The script `diffkit`."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command line."""
    # Imports make many objects and no garbage: to look for it takes a tenth of a short command's time.
    gc.set_threshold(50_000)
    from diffkit_cli.host import cli

    try:
        cli.main()
    finally:
        gc.freeze()  # the interpreter does not look for garbage among all that on its way out
