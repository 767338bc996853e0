"""Print a shell script that completes commands and options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import click

from diffkit_cli.errors import CommandError, tell

BASH = """\
_diffkit_from() {{
    local file="${{2:-$3}}" i
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ "${{COMP_WORDS[i]}}" == "$1" ]]; then file="${{COMP_WORDS[i + 1]}}"; fi
    done
    # only what can be a key: a word with a $ in it would be run by some shells
    local plain='index($0, begin) == 1 && /^[A-Za-z0-9][A-Za-z0-9._:+-]*$/'
    LC_ALL=C awk -v begin="$5" "$plain" "$file$4" 2>/dev/null
}}
{functions}
_diffkit() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" path="" i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$path ${{COMP_WORDS[i]}}" in
            {paths}) path="$path ${{COMP_WORDS[i]}}" ;;
        esac
    done
    local words="" from=:
    case "$path" in
{cases}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word") $($from "$word"))
    if [[ ${{#COMPREPLY[@]}} -eq 0 ]]; then COMPREPLY=($(compgen -f -- "$word")); fi
}}
complete -o filenames -F _diffkit diffkit
"""


@dataclass(frozen=True)
class WordsFile:
    """Where a shell finds the words for an argument: a line each, in a file that the command keeps.

    The file is the value of `option` on the command line, or of the environment's `variable`, or `default`,
    with `suffix` behind. A group offers it as `argument_words`, a mapping from the names of arguments.
    """

    option: str
    variable: str
    default: str
    suffix: str


@dataclass(frozen=True)
class Place:
    """A command path, the words that may follow it, and the file with further ones."""

    path: str
    words: list[str]
    source: WordsFile | None = None


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a static completion script: it knows the commands that are installed now, and starts no Python.

    Keys of papers are read from a file that the log keeps beside it.

    \b
    diffkit completion bash > ~/.local/share/bash-completion/completions/diffkit
    diffkit completion zsh >> ~/.zshrc
    diffkit completion fish > ~/.config/fish/completions/diffkit.fish
    """
    root = ctx.find_root().command
    words = list(_words(root, "", click.Context(root, info_name="diffkit"), {}))
    click.echo(_fish(words) if shell == "fish" else _bash(words, zsh=shell == "zsh"), nl=False)


def _words(
    command: click.Command, path: str, ctx: click.Context, files: Mapping[str, WordsFile]
) -> Iterator[Place]:
    """For each command path (`""`, `" stats"`, `" stats table"`): what may follow it."""
    words = [
        option
        for parameter in command.get_params(ctx)
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in (*parameter.opts, *parameter.secondary_opts)
        if re.fullmatch(r"--[\w.-]+", option)
    ]
    if isinstance(command, click.Group):
        # a name becomes part of a shell script: anything but a plain word is left out
        names = [name for name in command.list_commands(ctx) if re.fullmatch(r"[\w.-]+", name)]
        yield Place(path, [*names, *words])
        offered = getattr(command, "argument_words", {})
        for name in names:
            try:
                inner = command.get_command(ctx, name)
            except CommandError as error:
                tell(f"warning: {error.format_message()}")
                continue
            if inner is not None and not inner.hidden:
                below = click.Context(inner, info_name=name, parent=ctx)
                yield from _words(inner, f"{path} {name}", below, offered)
    else:
        arguments = [one.name for one in command.params if isinstance(one, click.Argument)]
        yield Place(path, words, next((files[name] for name in arguments if name in files), None))


def _bash(places: list[Place], zsh: bool) -> str:
    paths = "|".join(f'"{place.path}"' for place in places if place.path)
    sources = list(dict.fromkeys(place.source for place in places if place.source))
    cases = []
    for place in places:
        source = f" from=_diffkit_from_{sources.index(place.source)}" if place.source else ""
        cases.append(f'        "{place.path}") words="{" ".join(place.words)}"{source} ;;')
    functions = "\n".join(
        f'_diffkit_from_{number}() {{ _diffkit_from {_quoted(source)} "$1"; }}'
        for number, source in enumerate(sources)
    )
    script = BASH.format(paths=paths or '""', cases="\n".join(cases), functions=functions)
    return "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" * zsh + script


def _quoted(source: WordsFile) -> str:
    """Option, value of the variable, default and suffix as words of a shell."""
    option, default, suffix = map(shlex.quote, (source.option, source.default, source.suffix))
    return f'{option} "${{{source.variable}:-}}" {default} {suffix}'


def _fish(places: list[Place]) -> str:
    """One `complete` line per word, shown when the words so far without options are the path."""
    paths = [place.path for place in places if place.path]
    lines = [
        "function __diffkit_path",
        "    set -l path ''",
        "    for word in (commandline -opc)[2..-1]",
        '        switch "$path $word"',
        *(f"            case '{path}'\n                set path '{path}'" for path in paths),
        "        end",
        "    end",
        '    test "$path" = "$argv[1]"',
        "end",
        "function __diffkit_from",
        "    set -l file $argv[3]",
        '    test -n "$argv[2]"; and set file $argv[2]',
        "    set -l words (commandline -opc)",
        "    if set -l at (contains -i -- $argv[1] $words)",
        "        set file $words[(math $at + 1)]",
        "    end",
        "    test -r $file$argv[4]; and string match -r '^[A-Za-z0-9][A-Za-z0-9._:+-]*$' <$file$argv[4]",
        "end",
    ]
    sources = list(dict.fromkeys(place.source for place in places if place.source))
    for number, source in enumerate(sources):
        default = source.default.replace("\\", "\\\\").replace("'", "\\'")
        call = f"__diffkit_from {source.option} \"${source.variable}\" '{default}' {source.suffix}"
        lines += [f"function __diffkit_from_{number}", f"    {call}", "end"]
    for place in places:
        shown = f"complete -c diffkit -n \"__diffkit_path '{place.path}'\""
        for word in place.words:
            lines.append(f"{shown} {f'-l {word[2:]}' if word.startswith('--') else f'-f -a {word}'}")
        if place.source:
            lines.append(f'{shown} -f -a "(__diffkit_from_{sources.index(place.source)})"')
    return "\n".join(lines) + "\n"
