"""What would rolelint do? The templates it would lint, and the settings for them with where each comes from."""

import json
from collections.abc import Iterator

from rolelint.commands.linting import Work
from rolelint.commands.output import Output
from rolelint.config import Glob, Settings
from rolelint.reading import read_template
from rolelint.reporters.terminal import visible
from rolelint.syntax.files import Input


def files(work: Work) -> str:
    """A line for each template: its path, and the configuration file that counts for it."""
    shown = []
    for path in _templates(work):
        configured = work.settings_for(path).files
        shown.append(f"{visible(path)}  ({visible(configured[0]) if configured else 'no configuration'})\n")
    return "".join(shown)


def settings(work: Work, wanted: tuple[Output, ...]) -> str:
    """A block for each configuration: which templates it is for, then a line for each setting."""
    groups: dict[int, list[str]] = {}
    for path in _templates(work) or ["."]:
        groups.setdefault(id(work.settings_for(path)), []).append(path)
    return "\n".join("\n".join(_block(work, paths, wanted)) + "\n" for paths in groups.values())


def _templates(work: Work) -> list[str]:
    return [one.path for one in work.inputs if isinstance(one, Input) and read_template(one).skip is None]


def _block(work: Work, paths: list[str], wanted: tuple[Output, ...]) -> Iterator[str]:
    chosen = work.settings_for(paths[0])
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    yield f"{visible(paths[0])}{more}: {visible(', '.join(chosen.files)) or 'no configuration file'}"
    for key in Settings._fields[: Settings._fields.index("files")]:
        name = key.replace("_", "-")
        yield _line(name, getattr(chosen, key), chosen.origins.get(name, "default"))
    for one in wanted:
        yield _line("format", f"{one.format}={one.file}" if one.file else one.format, one.origin)


def _line(name: str, value: object, origin: str) -> str:
    return f"  {name:<18} {visible(_worded(value)):<50} {visible(origin)}"


def _worded(value: object) -> str:
    match value:
        case Glob():
            return json.dumps(value.text)
        case tuple():
            return f"[{', '.join(_worded(one) for one in value)}]"
        case dict():
            return f"{{{', '.join(f'{_worded(name)} = {_worded(one)}' for name, one in value.items())}}}"
    return json.dumps(value, ensure_ascii=False)
