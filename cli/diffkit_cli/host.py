"""The host: finds the commands that installed distributions offer, and imports only the one that is called.

A distribution offers a command with an entry point in the group `diffkit.commands`:

    [project.entry-points."diffkit.commands"]
    hello = "my_package.hello:hello"

`hello` is a click command, and the first line of the docstring of `my_package/hello.py` is its line in
`diffkit --help`: it is read from the file, nothing is imported for it.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from diffkit_cli.errors import CommandError, ExitCode, error_line, one_line, silence, tell
from diffkit_cli.lazy import LazyGroup

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "diffkit.commands"
_DOCSTRING = r"""\A(?:\s|\#[^\n]*\n)*[rRuU]?("{3}|'{3}|"|')\s*([^\n]*)"""

EPILOG = """\b
Exit status: 0 ok, 1 a check failed, 2 usage, 3 bad data, 4 not found,
5 database, 70 a defect (DIFFKIT_TRACEBACK=1 shows where), 130 interrupted.
"""


def find_commands() -> Iterable[EntryPoint]:
    """Every entry point of the group; a distribution whose metadata cannot be read costs one warning."""
    from importlib.metadata import entry_points

    try:
        return entry_points(group=GROUP)
    except Exception:
        return list(_find_one_by_one())


def _find_one_by_one() -> Iterable[EntryPoint]:
    from importlib.metadata import distributions

    seen = set()
    for distribution in distributions():
        try:
            name = distribution.metadata["Name"]
            if name not in seen:
                seen.add(name)
                yield from distribution.entry_points.select(group=GROUP)
        except Exception as error:
            where = getattr(distribution, "_path", "a distribution")
            _warn(f"cannot read the entry points of {where}: {one_line(error)}", "reinstall or remove it")


def find_quickly(name: str) -> tuple[str, str] | None:
    """Module and attribute of a command, when one distribution on `sys.path` offers it and no other does.

    importlib.metadata takes longer to be imported than most commands to run. So a command that is called is
    looked for in the files themselves; whatever is not plain there (None) is left to `find_commands`.
    """
    values = []
    for folder in dict.fromkeys(sys.path):
        try:
            entries = os.listdir(folder or os.curdir)
        except OSError:
            continue
        for entry in entries:
            if entry.endswith((".dist-info", ".egg-info")):
                values += _values(os.path.join(folder, entry, "entry_points.txt"), name)
    if len(values) == 1 and (match := re.fullmatch(r"([\w.]+):(\w+)", values[0], re.ASCII)):
        return match[1], match[2]
    return None


def _values(path: str, name: str) -> list[str]:
    """The values of `name` in the group's section of an `entry_points.txt`."""
    try:
        with open(path, "rb", 0) as file:  # one of a hundred files of which one is wanted, so unbuffered
            data = file.read()
        text = data.decode() if GROUP.encode() in data else ""
    except (OSError, UnicodeDecodeError):
        return []
    values, section = [], ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line
        elif section == f"[{GROUP}]" and line.partition("=")[0].strip() == name:
            values.append(line.partition("=")[2].strip())
    return values


class Host(LazyGroup):
    """A click group whose commands are entry points."""

    def __init__(self, find: Callable[[], Iterable[EntryPoint]] = find_commands, **options: Any) -> None:
        super().__init__(**options)
        self._find = find

    @cached_property
    def offers(self) -> dict[str, list[EntryPoint]]:
        """Name of a command -> the entry points that offer it (more than one is a clash)."""
        offers: dict[str, list[EntryPoint]] = {}
        for entry_point in self._find():
            offers.setdefault(entry_point.name, []).append(entry_point)
        return offers

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.offers)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if self._find is find_commands and (command := _loaded(find_quickly(cmd_name))):
            return command
        if cmd_name not in self.offers:
            return None
        entry_point, *others = self.offers[cmd_name]
        if others:
            message = _clash(cmd_name, [entry_point, *others])
            raise CommandError(message, ExitCode.USAGE, fix="uninstall one of them")
        try:
            command = entry_point.load()
        except (Exception, SystemExit) as error:
            raise _broken(entry_point, f"{type(error).__name__}: {one_line(error)}") from error
        if not isinstance(command, click.Command):
            raise _broken(entry_point, f"{entry_point.value} is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for name in self.list_commands(ctx):
            entry_points_ = self.offers[name]
            summary = read_summary(entry_points_[0])
            if len(entry_points_) > 1:
                _warn(_clash(name, entry_points_), "uninstall one of them")
            elif summary is None:
                _warn(_broken(entry_points_[0], "its module is missing").format_message())
            else:
                rows.append((name, summary))
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and exit with the status of `ExitCode`: every failure is one line on stderr."""
        arguments = list(sys.argv[1:] if args is None else args)
        sys.exit(int(self._run(arguments, prog_name or "diffkit", **extra)))

    def _run(self, arguments: list[str], prog_name: str, **extra: Any) -> int:
        try:
            if sys.stdout is None:
                fix = "give it a place, such as >/dev/null"
                raise CommandError("standard output is closed", ExitCode.NOT_FOUND, fix=fix)
            try:
                with self.make_context(prog_name, arguments, **extra) as ctx:
                    self.invoke(ctx)
            finally:
                sys.stdout.flush()
        except click.exceptions.Exit as stop:
            return stop.exit_code
        except (KeyboardInterrupt, EOFError, click.Abort):
            tell("interrupted")
            return ExitCode.INTERRUPTED
        except BrokenPipeError:
            silence(sys.stdout)
            return ExitCode.BROKEN_PIPE
        except Exception as error:
            return _report(error)
        return ExitCode.OK


def _loaded(place: tuple[str, str] | None) -> click.Command | None:
    """The command at module and attribute; None when it is not there, which `Host` explains."""
    if place is None:
        return None
    try:
        command = getattr(importlib.import_module(place[0]), place[1])
    except (Exception, SystemExit):
        return None
    return command if isinstance(command, click.Command) else None


def read_summary(entry_point: EntryPoint) -> str | None:
    """The first line of the docstring of the entry point's module, without importing it.

    None when there is no such module; empty when it has no docstring or no source.
    """
    import importlib.util
    from importlib.machinery import PathFinder

    try:
        top, *parts = entry_point.module.split(".")
        spec = importlib.util.find_spec(top)  # imports nothing for a name without dots
        for part in parts:
            if spec is None or spec.submodule_search_locations is None:
                return None
            spec = PathFinder.find_spec(f"{spec.name}.{part}", spec.submodule_search_locations)
        if spec is None:
            return None
        with open(spec.origin or "", encoding="utf-8", errors="replace") as source:
            match = re.match(_DOCSTRING, source.read(2000))
    except OSError:
        return ""
    except Exception:
        return None
    return error_line(match[2].split(match[1])[0]) if match else ""


def _report(error: Exception) -> int:
    """Print an error as one line and return its exit code."""
    if os.environ.get("DIFFKIT_TRACEBACK") == "1":
        import traceback

        traceback.print_exception(error)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        tell(error.format_message())
        return ExitCode.USAGE
    if isinstance(error, CommandError):
        error.show()
        return error.exit_code
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "diffkit"
        tell(f"error: {error_line(error.format_message(), f'see {path} --help')}")
        return ExitCode.USAGE
    if isinstance(error, click.ClickException):
        tell(f"error: {error_line(error.format_message())}")
        return ExitCode.NOT_FOUND if isinstance(error, click.FileError) else error.exit_code
    if isinstance(error, OSError) and error.filename is not None:
        tell(f"error: {error_line(f'{error.filename}: {error.strerror}')}")
        return ExitCode.NOT_FOUND
    if isinstance(error, OSError) and error.strerror:  # standard input or output, which have no name
        tell(f"error: cannot read or write: {error_line(error.strerror)}")
        return ExitCode.NOT_FOUND
    text = f"unexpected {type(error).__name__}: {one_line(error)}"
    tell(f"error: {error_line(text, 'set DIFFKIT_TRACEBACK=1 to see where')}")
    return ExitCode.INTERNAL


def _warn(message: str, fix: str = "") -> None:
    tell(f"warning: {error_line(message, fix)}")


def _offered_by(entry_point: EntryPoint) -> str:
    return entry_point.dist.name if entry_point.dist else "an unnamed distribution"


def _clash(name: str, offers: list[EntryPoint]) -> str:
    owners = " and ".join(sorted(f"{_offered_by(offer)} ({offer.value})" for offer in offers))
    return f"command {name!r} is offered by {owners}"


def _broken(entry_point: EntryPoint, reason: str) -> CommandError:
    owner = _offered_by(entry_point)
    message = f"command {entry_point.name!r} of {owner} cannot be loaded: {reason}"
    return CommandError(message, ExitCode.INTERNAL, fix=f"reinstall or uninstall {owner}")


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    for name in ("diffkit", "diffkit-cli"):
        try:
            click.echo(f"{name} {version(name)}")
        except PackageNotFoundError:
            click.echo(f"{name} (not installed)")
    ctx.exit()


cli = Host(
    name="diffkit",
    help="Gradients, sampling, statistics, data preparation and a reading log.",
    epilog=EPILOG,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_print_version,
            help="Show the versions and exit.",
        )
    ],
)
