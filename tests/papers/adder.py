"""Run by the durability tests: `paper add` again and again, each key printed once it is acknowledged."""

from __future__ import annotations

import sys

import bibtexparser  # noqa: F401  # imported now, so that a kill hits the work and not the imports

from diffkit_papers.commands import adding, paper  # noqa: F401


def main(database: str, prefix: str, count: int) -> None:
    print("ready", flush=True)
    for number in range(count):
        title = f"{prefix} number {number}"
        arguments = [
            "add",
            "--title",
            title,
            "--key",
            f"{prefix}-{number}",
            "--tag",
            prefix,
            "--db",
            database,
        ]
        paper.main(arguments, standalone_mode=False)
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
