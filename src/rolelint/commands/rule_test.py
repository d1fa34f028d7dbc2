"""``rolelint rule test``: do a team's own rules do what their examples say?"""

import os
from argparse import ArgumentParser, Namespace

from rolelint.commands.console import Parser, show
from rolelint.syntax.files import reason
from rolelint.usage import UsageError


def parser() -> ArgumentParser:
    """The options of the command."""
    options = Parser(
        prog="rolelint rule test",
        description="Runs the examples of rules: a line has a finding where, and as surely as, its mark '# <- certain' says.",
        epilog="exit codes: 0 all examples are right, 1 some are not, 2 a rule file cannot be read",
    )
    options.add_argument("path", metavar="PATH", help="a rule file, or a directory with rules")
    options.add_argument("-q", "--quiet", action="store_true", help="show failures only")
    return options


def run(asked: Namespace) -> int:
    """Run the examples, and give the exit code."""
    from rolelint.engine.rule import RuleError  # noqa: PLC0415 - --help needs none of it
    from rolelint.engine.rule_files import load_rule, load_rules  # noqa: PLC0415 - likewise
    from rolelint.engine.rulebook import builtin  # noqa: PLC0415 - likewise
    from rolelint.examples import disagreements  # noqa: PLC0415 - likewise
    from rolelint.reporters.summary import counted  # noqa: PLC0415 - likewise

    try:
        loaded = load_rules(asked.path) if os.path.isdir(asked.path) else [load_rule(asked.path)]
    except RuleError as error:
        raise UsageError(str(error), "rolelint rule NAME shows how a rule reads, rolelint rule new NAME writes one") from error
    except OSError as error:
        raise UsageError(f"{asked.path}: {reason(error)}", "name a rule file or a directory") from error
    if not loaded:
        raise UsageError(f"{asked.path}: there is no rule file in it", "rolelint rule new NAME --dir DIR writes one")
    book = builtin()
    known = book._replace(rules=(*book.rules, *(rule for rule, _ in loaded)))
    examples = failed = 0
    for rule, page in loaded:
        for example in page.examples:
            examples += 1
            wrong = list(disagreements(rule, example, known))
            failed += bool(wrong)
            if wrong or not asked.quiet:
                show(f"{'FAILED' if wrong else 'ok    '}  {rule.name}: {example.title}\n")
            show("".join(f"        {one}\n" for one in wrong))
    show(f"{examples - failed} of {counted(examples, 'example')} right, {counted(len(loaded), 'rule')}.\n")
    return int(failed > 0)
