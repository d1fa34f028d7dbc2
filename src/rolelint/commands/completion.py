"""``rolelint completion``: what may come next on the command line? A script for a shell, made from the commands' own parsers."""

from argparse import Action, ArgumentParser, Namespace
from collections.abc import Iterator
from importlib import import_module

from rolelint.commands.console import Parser, show
from rolelint.tuples import NamedTuple

_SHELLS = ("bash", "zsh", "fish")
_WHERE = {
    "bash": 'put this into ~/.bashrc: eval "$(rolelint completion bash)"',
    "zsh": 'put this into ~/.zshrc, below compinit: eval "$(rolelint completion zsh)"',
    "fish": "write it to ~/.config/fish/completions/rolelint.fish",
}


def parser() -> ArgumentParser:
    """The options of the command."""
    where = "\n".join(f"  {shell:<5} {text}" for shell, text in _WHERE.items())
    options = Parser(
        prog="rolelint completion", description="Prints what completes rolelint's command line in a shell.", epilog=where
    )
    options.add_argument("shell", choices=_SHELLS, help="bash, zsh or fish")
    return options


def run(asked: Namespace) -> int:
    """Print the script, and give the exit code."""
    from rolelint.cli import COMMANDS  # noqa: PLC0415 - cli imports the commands

    commands = [_command(name) for name in COMMANDS]
    rules = _rules()
    show(_fish(commands, rules) if asked.shell == "fish" else _bash(commands, rules, zsh=asked.shell == "zsh"))
    return 0


class _Option(NamedTuple):
    """An option: its spellings, what it does, and what its value may be: words, ``RULES``, ``FILE``, or nothing."""

    spellings: tuple[str, ...]
    help: str
    takes_value: bool
    words: tuple[str, ...]
    kind: str


class _Command(NamedTuple):
    """A command: its name as one or two words, its options, and the words that its arguments may be."""

    name: str
    options: tuple[_Option, ...]
    words: tuple[str, ...]


def _command(name: str) -> _Command:
    options = import_module(f"rolelint.commands.{name.replace(' ', '_')}").parser()
    words = [word for action in options._get_positional_actions() for word in action.choices or ()]  # noqa: SLF001 - argparse lists them nowhere else
    return _Command(name, tuple(_options(options)), tuple(words))


def _options(options: ArgumentParser) -> Iterator[_Option]:
    for action in options._get_optional_actions():  # noqa: SLF001 - likewise
        if action.help != "==SUPPRESS==":
            yield _option(action)


def _option(action: Action) -> _Option:
    from rolelint.commands.output import FORMATS  # noqa: PLC0415 - only here

    words = tuple(map(str, action.choices or (FORMATS if "--format" in action.option_strings else ())))
    kind = str(action.metavar or "")
    return _Option(
        tuple(action.option_strings),
        (action.help or "").replace("%(default)s", str(action.default)),
        action.nargs != 0,
        words,
        kind,
    )


def _rules() -> list[str]:
    from rolelint.engine.rulebook import builtin  # noqa: PLC0415 - only here

    return [rule.name for rule in builtin().rules]


def _bash(commands: list[_Command], rules: list[str], *, zsh: bool) -> str:
    first = " ".join(one.name for one in commands if " " not in one.name)
    lines = ["autoload -U +X bashcompinit && bashcompinit"] if zsh else []
    lines += [
        "_rolelint() {",
        "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=check words=",
        f'  local rules="{" ".join(rules)}"',
        '  case "${COMP_WORDS[1]} ${COMP_WORDS[2]}" in',
        *(
            f'    "{one.name}"{"" if " " in one.name else chr(34) + " " + chr(34) + "*"}) command="{one.name}" ;;'
            for one in commands
        ),
        "  esac",
        '  case "$command $previous" in',
        *(line for one in commands for line in _bash_values(one)),
        '    *) case "$command" in',
        *(f'      "{one.name}") words="{" ".join((*_spellings(one), *one.words))}" ;;' for one in commands),
        "    esac",
        f'    [ "$COMP_CWORD" = 1 ] && words="$words {first}"',
        '    [ "$command" = rule ] && words="$words new test $rules" ;;',
        "  esac",
        '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
        "}",
        "complete -o default -o bashdefault -F _rolelint rolelint",
    ]
    return "\n".join(lines) + "\n"


def _bash_values(command: _Command) -> Iterator[str]:
    """What may follow an option that takes a value; no words leave it to the shell, which knows files."""
    for option in command.options:
        if option.takes_value:
            before = "|".join(f'"{command.name} {spelling}"' for spelling in option.spellings)
            yield f"    {before}) words={'$rules' if option.kind == 'RULES' else _quoted(' '.join(option.words))} ;;"


def _spellings(command: _Command) -> Iterator[str]:
    return (spelling for option in command.options for spelling in option.spellings)


def _fish(commands: list[_Command], rules: list[str]) -> str:
    names = [one.name for one in commands if " " not in one.name]
    asked = {one.name: f"complete -c rolelint -n {_quoted(_seen(one.name, names))}" for one in commands}
    lines = [f"complete -c rolelint -n __fish_use_subcommand -a {_quoted(' '.join(names))}"]
    lines += [f"{asked['rule']} -f -a {_quoted(' '.join(('new', 'test', *rules)))}"]
    for one in commands:
        if one.words:
            lines.append(f"{asked[one.name]} -f -a {_quoted(' '.join(one.words))}")
        for option in one.options:
            spellings = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.spellings)
            words = rules if option.kind == "RULES" else option.words
            value = f" -x -a {_quoted(' '.join(words))}" if words else " -r" if option.takes_value else ""
            lines.append(f"{asked[one.name]} {spellings}{value} -d {_quoted(option.help)}")
    return "\n".join(lines) + "\n"


def _seen(command: str, names: list[str]) -> str:
    """The condition, in fish, that a command was named; ``check`` need not be."""
    if command == "check":
        return f"not __fish_seen_subcommand_from {' '.join(name for name in names if name != 'check')}"
    return "; and ".join(f"__fish_seen_subcommand_from {word}" for word in command.split())


def _quoted(text: str) -> str:
    """A text in single quotes, as fish reads them."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
