"""The script `diffkit`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line."""
    # Imports make many objects and no garbage: to look for it takes a tenth of a short command's time.
    gc.set_threshold(50_000)
    try:
        from diffkit_cli.host import cli

        cli.main()
    except KeyboardInterrupt:  # before the host is there to answer
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    finally:
        gc.freeze()  # the interpreter does not look for garbage among all that on its way out
