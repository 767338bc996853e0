"""Print a shell script that completes commands and options."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from diffkit_cli.errors import CommandError

BASH = """\
_diffkit() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" path="" i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$path ${{COMP_WORDS[i]}}" in
            {paths}) path="$path ${{COMP_WORDS[i]}}" ;;
        esac
    done
    local words=""
    case "$path" in
{cases}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    if [[ ${{#COMPREPLY[@]}} -eq 0 ]]; then COMPREPLY=($(compgen -f -- "$word")); fi
}}
complete -o filenames -F _diffkit diffkit
"""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a static completion script: it knows the commands that are installed now, and starts no Python.

    \b
    diffkit completion bash > ~/.local/share/bash-completion/completions/diffkit
    diffkit completion zsh >> ~/.zshrc
    diffkit completion fish > ~/.config/fish/completions/diffkit.fish
    """
    root = ctx.find_root().command
    words = dict(_words(root, "", click.Context(root, info_name="diffkit")))
    click.echo(_fish(words) if shell == "fish" else _bash(words, zsh=shell == "zsh"), nl=False)


def _words(command: click.Command, path: str, ctx: click.Context) -> Iterator[tuple[str, list[str]]]:
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
        yield path, [*names, *words]
        for name in names:
            try:
                inner = command.get_command(ctx, name)
            except CommandError as error:
                click.echo(f"warning: {error.format_message()}", err=True)
                continue
            if inner is not None and not inner.hidden:
                yield from _words(inner, f"{path} {name}", click.Context(inner, info_name=name, parent=ctx))
    else:
        yield path, words


def _bash(words: dict[str, list[str]], zsh: bool) -> str:
    paths = "|".join(f'"{path}"' for path in words if path)
    cases = "\n".join(f'        "{path}") words="{" ".join(known)}" ;;' for path, known in words.items())
    script = BASH.format(paths=paths or '""', cases=cases)
    return "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" * zsh + script


def _fish(words: dict[str, list[str]]) -> str:
    """One `complete` line per word, shown when the words so far without options are the path."""
    lines = [
        "function __diffkit_path",
        "    set -l path ''",
        "    for word in (commandline -opc)[2..-1]",
        '        switch "$path $word"',
        *(f"            case '{path}'\n                set path '{path}'" for path in words if path),
        "        end",
        "    end",
        '    test "$path" = "$argv[1]"',
        "end",
    ]
    for path, known in words.items():
        for word in known:
            what = f"-l {word[2:]}" if word.startswith("--") else f"-f -a {word}"
            lines.append(f"complete -c diffkit -n \"__diffkit_path '{path}'\" {what}")
    return "\n".join(lines) + "\n"
