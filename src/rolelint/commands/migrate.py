"""``rolelint migrate``: what would the suppressions for other tools be in rolelint's words?"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rolelint.commands.console import Parser, say, show
from rolelint.commands.options import add_lint_options
from rolelint.syntax.files import reason
from rolelint.usage import UsageError

if TYPE_CHECKING:
    from rolelint.syntax.files import Input
    from rolelint.verdicts.migration import Migration
    from rolelint.verdicts.report import Report
    from rolelint.verdicts.suppressions import ForeignIds


def parser() -> ArgumentParser:
    """The options of the command."""
    options = Parser(
        prog="rolelint migrate",
        description="Rewrites suppressions for cfn_nag, cdk_nag, checkov, cfn-lint and cfn-guard into rolelint's own.",
        epilog=(
            "Without --write it only shows what would change. What excuses nothing that rolelint finds stays, and is named.\n\n"
            "examples:\n"
            "  rolelint migrate templates/                  show the changes as a diff\n"
            "  rolelint migrate templates/ --write --keep   add rolelint's suppressions beside the others"
        ),
    )
    add_lint_options(options)
    writing = options.add_argument_group("writing")
    writing.add_argument("--write", action="store_true", help="change the files")
    writing.add_argument("--keep", action="store_true", help="leave what is rewritten, too: the other tool still runs")
    return options


def run(asked: Namespace) -> int:
    """Show or make the changes, and give the exit code."""
    from rolelint.commands.linting import asked_work, linted, tell_mistakes, tell_searched_in_vain  # noqa: PLC0415 - --help needs none of it
    from rolelint.syntax.files import Input  # noqa: PLC0415 - likewise
    from rolelint.verdicts.foreign import foreign_ids  # noqa: PLC0415 - likewise

    if asked.write and "-" in asked.paths:
        raise UsageError("standard input cannot be written", "without --write the changes are shown as a diff")
    work = asked_work(asked)
    ours_only = work._replace(standard_for=lambda path: work.standard_for(path)._replace(foreign=None))
    outcome = linted(asked, ours_only)
    ids: dict[int, ForeignIds] = {}
    count = files = 0
    for one in work.inputs:
        if not isinstance(one, Input):
            continue
        book = work.standard_for(one.path).rulebook
        if id(book) not in ids:
            ids[id(book)] = foreign_ids(book)
        migration = _migration(one, outcome.report, ids[id(book)], keep=asked.keep)
        if migration is None:
            continue
        for left in migration.left:
            say("note", f"{one.path}:{left.line}: {left.name} stays: {left.reason}")
        if migration.rewritten:
            _change(one, migration.text, write=asked.write)
            count, files = count + migration.rewritten, files + 1
    if tell_mistakes(outcome) or tell_searched_in_vain(asked, outcome.report):
        return 2
    say("note", _summary(count, files, write=asked.write))
    return 0


def _summary(count: int, files: int, *, write: bool) -> str:
    if not count:
        return "no suppression for another tool excuses anything here"
    many = f"{count} suppression{'' if count == 1 else 's'} in {files} file{'' if files == 1 else 's'}"
    return f"{many} rewritten" if write else f"{many} can be rewritten: --write does it"


def _migration(given: "Input", report: "Report", known: "ForeignIds", *, keep: bool) -> "Migration | None":
    """What becomes of a file, None if it is no template; nothing if it would not say the same afterwards."""
    from rolelint.syntax.encoding import encode_like  # noqa: PLC0415 - likewise
    from rolelint.syntax.nodes import Mapping  # noqa: PLC0415 - likewise
    from rolelint.syntax.reader import read  # noqa: PLC0415 - likewise
    from rolelint.template.template import build, is_template  # noqa: PLC0415 - likewise
    from rolelint.verdicts.migration import Left, is_faithful, migrate  # noqa: PLC0415 - likewise

    parsed = read(given.path, given.data)
    if not isinstance(parsed.root, Mapping) or not is_template(parsed.root):
        return None
    findings = [one for one in report.active if one.span.source.path == given.path]
    migration = migrate(parsed, [build(parsed.source, parsed.root)], findings, known, keep=keep)
    try:
        after = read(given.path, encode_like(migration.text, given.data))
    except UnicodeEncodeError:  # some of it is no text in any encoding
        after = parsed._replace(root=None)
    if after.root is not None and is_faithful(parsed.root, after.root):
        return migration
    odd = Left(1, "all of it", "the template would not say the same afterwards")
    return migration._replace(text=parsed.source.text, rewritten=0, left=(*migration.left, odd))


def _change(given: "Input", text: str, *, write: bool) -> None:
    from rolelint.syntax.encoding import decode, encode_like  # noqa: PLC0415 - likewise

    if not write:
        for line in _diff(given.path, decode(given.data), text):
            show(line)
        return
    try:
        with open(given.path, "wb") as file:
            file.write(encode_like(text, given.data))
    except OSError as error:
        raise UsageError(f"{given.path}: {reason(error)}", "--write needs files that can be written") from error


def _diff(path: str, before: str, after: str) -> Iterator[str]:
    """The lines of a unified diff; for a terminal without what it would obey."""
    from difflib import unified_diff  # noqa: PLC0415 - likewise

    from rolelint.reporters.terminal import visible  # noqa: PLC0415 - likewise

    for line in unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"):
        bare = line.rstrip("\r\n")
        end = line[len(bare) :] if line.endswith("\n") else "\n\\ No newline at end of file\n"
        yield visible(bare) + "\n" if sys.stdout is not None and sys.stdout.isatty() else bare + end
