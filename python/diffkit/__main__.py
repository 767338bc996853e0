"""`python -m diffkit` runs the command line, which is the distribution diffkit-cli."""

import sys


def main() -> None:
    """Run the command line, or say how to get it."""
    try:
        from diffkit_cli.main import main as run
    except ModuleNotFoundError as error:
        sys.exit(f"error: no module {error.name}; the command line needs: pip install diffkit-cli")
    run()


if __name__ == "__main__":
    main()
