"""The whole row: files are read, understood, judged and classified, one after the other."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as ReadOnly
from typing import NamedTuple, TypeAlias

from rolelint.engine.findings import Finding
from rolelint.engine.judge import RuleFailure, judge, report_problems
from rolelint.engine.rule import Rule
from rolelint.engine.rulebook import Rulebook
from rolelint.engine.trusted import NOBODY, Trusted
from rolelint.iam.access import Access, read_access
from rolelint.syntax.beside import load_beside
from rolelint.syntax.files import Input, Missing, Skipped
from rolelint.syntax.nodes import Mapping, Node
from rolelint.syntax.reader import Parsed, read
from rolelint.syntax.source import Problem, Source
from rolelint.template.faults import faults
from rolelint.template.nesting import Load, descendants, exports_of, with_nested
from rolelint.template.template import Export, Exports, Parameter, Template, build, is_policy, is_template
from rolelint.verdicts import report
from rolelint.verdicts.report import Report, Unjudged, Verdict
from rolelint.verdicts.suppressions import ForeignIds, excuse, find_suppressions


class Failure(NamedTuple):
    """A bug of ours that kept a file from being judged in full."""

    message: str
    error: BaseException


class Run(NamedTuple):
    """A report, the user's mistakes and our own failures."""

    report: Report
    mistakes: tuple[Missing, ...]
    failures: tuple[Failure, ...]
    parameters: tuple[Parameter, ...] = ()
    """Those of all templates."""


OtherJudge: TypeAlias = Callable[[Access, tuple[Rule, ...]], Iterable[Finding]]
"""Another tool: it gives what it finds in a template, as far as some of the rules tell it."""


class Standard(NamedTuple):
    """What a file is judged by: some of a rulebook's rules, and what the team says about its account.

    ``given`` are the values that parameters will have; accounts in ``trusted`` are the team's own. Excuses in other tools'
    words count when it is known what their ids are here (``foreign``). ``others`` are other tools that judge by the same rules.
    """

    rulebook: Rulebook
    rules: tuple[Rule, ...]
    given: ReadOnly[str, str] = {}
    trusted: Trusted = NOBODY
    foreign: ForeignIds | None = None
    others: tuple[OtherJudge, ...] = ()

    def everywhere(self, _: str) -> "Standard":
        """This standard, whatever the path."""
        return self


Files: TypeAlias = Iterable[Input | Skipped | Missing]


def lint(  # noqa: PLR0913 - each is a word of the command line
    inputs: Files,
    standard_for: Callable[[str], Standard],
    *,
    ignores: bool = True,
    keep_access: bool = False,
    today: str = "",
    load: Load = load_beside,
    watch: Callable[[Sequence[Input | Skipped | Missing]], Files] = iter,
) -> Run:
    """Lint files, each by the standard for its path. A file that fails never costs the findings of another.

    Without ``ignores`` nothing in a template excuses anything; with ``keep_access`` the report has who may do what, too;
    without a day in ``today``, as 2027-01-31, no excuse is over. ``load`` reads the files that templates name.
    ``watch`` passes the files on one by one.
    """
    found = list(inputs)
    seen = _Seen(_Asked(standard_for, ignores, keep_access, today, load), _exports(found))
    for one in watch(found):
        match one:
            case Input():
                seen.file(one)
            case Skipped():
                seen.skipped.append(report.Skipped(one.path, one.reason))
            case Missing():
                seen.mistakes.append(one)
    seen.follow()
    return seen.run()


def inspect(inputs: Files, given_for: Callable[[str], ReadOnly[str, str]]) -> tuple[list[Access], list[Missing]]:
    """Who may do what, by each template among files, and the files that could not be read as one.

    ``given_for`` has the values of parameters for a path.
    """
    accesses: list[Access] = []
    mistakes: list[Missing] = []
    found = list(inputs)
    exports = _exports(found)
    for one in found:
        match one:
            case Input():
                try:
                    accesses += _accesses(read(one.path, one.data), given_for(one.path), exports)
                except _NotRead as error:
                    mistakes.append(Missing(one.path, str(error), "name CloudFormation templates or IAM policy documents"))
                except Exception as error:  # noqa: BLE001 - our bug: named, and the other files go on
                    mistakes.append(Missing(one.path, f"{type(error).__name__}, a bug in rolelint", "please report it"))
            case Missing():
                mistakes.append(one)
    return accesses, mistakes


class _NotRead(Exception):  # noqa: N818 - it is what the file is, not what went wrong
    """A file holds no template that can be read; the message says why."""


def _accesses(parsed: Parsed, given: ReadOnly[str, str], exports: Exports) -> list[Access]:
    if isinstance(parsed.root, Mapping) and (is_template(parsed.root) or is_policy(parsed.root)):
        template = _template(parsed.source, parsed.root, given, exports, load_beside)
        return [read_access(each) for each in (template, *descendants(template))]
    raise _NotRead(parsed.problems[0].message if parsed.problems else parsed.skip or "not a template")


def read_template(given: Input) -> Parsed:
    """A file that was read; one that holds no template and no policy is to be skipped, with the reason."""
    parsed = read(given.path, given.data)
    if parsed.skip is None and parsed.root is not None and not (is_template(parsed.root) or is_policy(parsed.root)):
        return parsed._replace(skip="neither a template with resources nor a policy document")
    return parsed


def _template(source: Source, root: Mapping, given: ReadOnly[str, str], exports: Exports, load: Load) -> Template:
    """The template that a file holds, with those nested in it and what others of the run export."""
    return with_nested(build(source, root, given=given)._replace(exports=exports), load)


def _exports(inputs: Files) -> Exports:
    """What the templates among some files export, by name; they are read when the first import is met."""
    exporting = [one for one in inputs if isinstance(one, Input) and b"Export" in one.data]
    known: dict[str, Export] = {}

    def find(name: str) -> Export | None:
        while exporting:
            one = exporting.pop()
            parsed = read(one.path, one.data)
            if isinstance(parsed.root, Mapping) and is_template(parsed.root):
                known.update(exports_of(build(parsed.source, parsed.root)))
        return known.get(name)

    return find


class _Asked(NamedTuple):
    """What a run was asked for: the words of ``lint``."""

    standard_for: Callable[[str], Standard]
    ignores: bool
    keep_access: bool
    today: str
    load: Load


class _Seen:
    """What a run has seen so far."""

    def __init__(self, asked: _Asked, exports: Exports) -> None:
        self.asked = asked
        self.exports = exports
        self.standards: dict[str, Standard] = {}
        self.accesses: list[Access] = []
        self.verdicts: list[Verdict] = []
        self.unjudged: list[Unjudged] = []
        self.skipped: list[report.Skipped] = []
        self.mistakes: list[Missing] = []
        self.failures: list[Failure] = []
        self.templates = self.principals = self.statements = 0
        self.paths: set[str] = set()
        self.followed: list[Template] = []
        self.parameters: list[Parameter] = []

    def standard(self, path: str) -> Standard:
        if path not in self.standards:
            self.standards[path] = self.asked.standard_for(path)
        return self.standards[path]

    def file(self, given: Input) -> None:
        try:
            parsed = read_template(given)
            if parsed.skip is not None:
                self.skipped.append(report.Skipped(given.path, parsed.skip))
            else:
                self.templates += 1
                self.paths.add(given.path)
                self.verdicts += self.judged(parsed)
        except RuleFailure as error:
            self.failures.append(Failure(str(error), error))
        except Exception as error:  # noqa: BLE001 - our bug: named, and the other files go on
            self.failures.append(Failure(f"reading {given.path} failed", error))

    def judged(self, parsed: Parsed) -> list[Verdict]:
        """The verdicts on one file: on its template, and on those that stand in it as text."""
        standard = self.standard(parsed.source.path)
        templates: list[Template] = []
        problems = parsed.problems
        if isinstance(parsed.root, Mapping):
            template = _template(parsed.source, parsed.root, standard.given, self.exports, self.asked.load)
            nested = list(descendants(template))
            templates = [template, *(one for one in nested if one.source is parsed.source)]
            self.followed += [one for one in nested if one.source is not parsed.source]
            problems = (*problems, *faults(template))
            self.parameters += [one for each in (template, *nested) for one in each.parameters.values()]
        return self.verdicts_on(templates, parsed.source, parsed.root, problems)

    def verdicts_on(
        self, templates: Sequence[Template], source: Source, root: Node | None, problems: Iterable[Problem]
    ) -> list[Verdict]:
        rulebook, rules, _, trusted, foreign, others = self.standard(source.path)
        suppressions, odd = find_suppressions(source, root, templates, foreign) if self.asked.ignores else ((), ())
        findings: list[Finding] = []
        found = [*problems]
        for template in templates:
            access = read_access(template)
            found += access.problems
            self.accesses += [access] if self.asked.keep_access else []
            findings += judge(access, rules, trusted)
            findings += [one for other in others for one in other(access, rules)]
            self.count(access)
        findings = list({(one.rule, one.span): one for one in (*findings, *report_problems(found, rules, root))}.values())
        ran, known = (frozenset(rule.name for rule in some) for some in (rules, rulebook.rules))
        verdicts, complaints = excuse(findings, suppressions, ran, known, self.asked.today)
        return [*verdicts, *(Verdict(finding, "active") for finding in report_problems((*odd, *complaints), rules, root))]

    def follow(self) -> None:
        """Judge the files that nested stacks are made from, unless they were given themselves."""
        for template in self.followed:
            if template.source.path not in self.paths:
                self.paths.add(template.source.path)
                self.templates += 1
                self.verdicts += self.verdicts_on([template], template.source, template.root, faults(template))

    def count(self, access: Access) -> None:
        self.principals += len(access.principals)
        # One that depends on conditions is read once for each of its forms.
        self.statements += sum(len({one.number for one in policy.document.statements}) for policy in access.policies)
        path = access.template.source.path
        self.unjudged += [Unjudged(path, one.span.first.line, one.reason) for one in access.unevaluated]

    def run(self) -> Run:
        rules = {rule.name: rule for standard in self.standards.values() for rule in standard.rules}
        books = list({id(standard.rulebook): standard.rulebook for standard in self.standards.values()}.values())
        self.verdicts.sort(key=lambda one: (one.finding.span.source.path, one.finding.span.start, one.finding.rule))
        outcome = Report(
            verdicts=tuple(self.verdicts),
            templates=self.templates,
            principals=self.principals,
            statements=self.statements,
            unjudged=tuple(self.unjudged),
            skipped=tuple(self.skipped),
            rules=tuple(rules[name] for name in sorted(rules)),
            page=lambda name: next(book for book in books if book.named(name)).page(name),
            paths=tuple(sorted(self.paths)),
            accesses=tuple(self.accesses),
        )
        return Run(outcome, tuple(self.mistakes), tuple(self.failures), tuple(self.parameters))
