"""What comes of one file: what is found in it, and does that stand?"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from rolelint.engine.findings import Finding
from rolelint.engine.judge import RuleFailure, judge, report_problems
from rolelint.iam.access import Access, read_access
from rolelint.reading import read_template, whole_template
from rolelint.standard import Standard
from rolelint.syntax.files import Input, Skipped
from rolelint.syntax.nodes import Mapping, Node
from rolelint.syntax.reader import Parsed
from rolelint.syntax.source import Problem, Source
from rolelint.template.faults import faults
from rolelint.template.nesting import Load, descendants
from rolelint.template.template import Declaration, Exports, Template
from rolelint.tuples import NamedTuple
from rolelint.verdicts.report import Unjudged, Verdict
from rolelint.verdicts.suppressions import excuse, find_suppressions


class Asked(NamedTuple):
    """What a run is asked for, and what it knows of all its files."""

    standard_for: Callable[[str], Standard]
    exports: Exports
    load: Load
    ignores: bool
    keep_access: bool
    today: str


class Failure(NamedTuple):
    """A bug of ours that kept a file from being judged in full."""

    message: str
    error: Exception


class Outcome(NamedTuple):
    """What came of a file; ``accesses`` are empty unless the run keeps them.

    ``nested`` are the templates in other files that its stacks are made from, ``parameters`` those of all of them.
    """

    path: str
    verdicts: tuple[Verdict, ...] = ()
    accesses: tuple[Access, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    principals: int = 0
    statements: int = 0
    nested: tuple[Template, ...] = ()
    parameters: tuple[Declaration, ...] = ()
    failure: Failure | None = None


def of_file(given: Input, asked: Asked, uses: Sequence[Template] = ()) -> Outcome | Skipped:
    """What comes of a file, and of the templates that stand in it as text; ``uses`` are what nested stacks make of it."""
    try:
        parsed = read_template(given)
        return Skipped(given.path, parsed.skip) if parsed.skip is not None else _of_parsed(parsed, asked, uses)
    except Exception as error:  # noqa: BLE001 - our bug: named, and the other files go on
        return _failed(given.path, error)


def of_nested(uses: Sequence[Template], asked: Asked) -> Outcome:
    """What comes of a file that nested stacks are made from; ``uses`` differ in what its parameters are given."""
    first, *others = uses
    try:
        return _of_templates([first], first.source, first.root, faults(first), asked, uses=others)
    except Exception as error:  # noqa: BLE001 - likewise
        return _failed(first.source.path, error)


def _failed(path: str, error: Exception) -> Outcome:
    message = str(error) if isinstance(error, RuleFailure) else f"reading {path} failed"
    return Outcome(path, failure=Failure(message, error))


def _of_parsed(parsed: Parsed, asked: Asked, uses: Sequence[Template]) -> Outcome:
    if not isinstance(parsed.root, Mapping):
        return _of_templates([], parsed.source, parsed.root, parsed.problems, asked)
    given = asked.standard_for(parsed.source.path).given
    template = whole_template(parsed.source, parsed.root, given, asked.exports, asked.load)
    nested = list(descendants(template))
    here = [template, *(one for one in nested if one.source is parsed.source)]
    outcome = _of_templates(here, parsed.source, parsed.root, (*parsed.problems, *faults(template)), asked, uses=uses)
    return outcome._replace(
        nested=tuple(one for one in nested if one.source is not parsed.source),
        parameters=tuple(one.declaration for each in (template, *nested) for one in each.parameters.values()),
    )


def _of_templates(  # noqa: PLR0913 - a file as it was read, and as others use it
    templates: Sequence[Template],
    source: Source,
    root: Node | None,
    problems: Iterable[Problem],
    asked: Asked,
    *,
    uses: Sequence[Template] = (),
) -> Outcome:
    accesses = tuple(read_access(template) for template in templates)
    judged = (*accesses, *(read_access(use) for use in uses))
    found = [*problems, *(problem for access in judged for problem in access.problems)]
    return Outcome(
        path=source.path,
        verdicts=tuple(_verdicts(judged, source, root, found, asked)),
        accesses=accesses if asked.keep_access else (),
        unjudged=tuple(
            Unjudged(access.template.source.path, one.span.first.line, one.reason)
            for access in accesses
            for one in access.unevaluated
        ),
        principals=sum(len(access.principals) for access in accesses),
        # One that depends on conditions is read once for each of its forms.
        statements=sum(
            len({one.number for one in policy.document.statements}) for access in accesses for policy in access.policies
        ),
    )


def _verdicts(
    accesses: Sequence[Access], source: Source, root: Node | None, problems: Sequence[Problem], asked: Asked
) -> Iterator[Verdict]:
    """The verdicts on what is found in a file, and the findings about its own excuses."""
    rulebook, rules, _, trusted, foreign, others = asked.standard_for(source.path)
    findings: list[Finding] = []
    for access in accesses:
        findings += judge(access, rules, trusted)
        findings += [one for other in others for one in other(access, rules)]
    # Templates that stand in one file may be found to be wrong in the same place; what is certain of one is said.
    findings = sorted((*findings, *report_problems(problems, rules, root)), key=lambda one: one.certainty)
    findings = list({(one.rule, one.span.start, one.span.end): one for one in findings}.values())
    templates = [access.template for access in accesses if access.template.source is source]
    suppressions, odd = find_suppressions(source, root, templates, foreign) if asked.ignores else ((), ())
    ran, known = (frozenset(rule.name for rule in some) for some in (rules, rulebook.rules))
    verdicts, complaints = excuse(findings, suppressions, ran, known, asked.today)
    yield from verdicts
    for finding in report_problems((*odd, *complaints), rules, root):
        yield Verdict(finding, "active")
