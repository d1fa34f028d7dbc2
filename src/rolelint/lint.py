"""The whole row: files are read, understood, judged and classified, one after the other."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as ReadOnly
from typing import NamedTuple

from rolelint.engine.findings import Finding
from rolelint.engine.judge import RuleFailure, judge, report_problems
from rolelint.engine.rule import Rule
from rolelint.engine.rulebook import Rulebook
from rolelint.iam.access import Access, read_access
from rolelint.syntax.beside import load_beside
from rolelint.syntax.files import Input, Missing, Skipped
from rolelint.syntax.nodes import Mapping, Node
from rolelint.syntax.reader import Parsed, read
from rolelint.syntax.source import Problem, Source
from rolelint.template.nesting import descendants, exports_of, with_nested
from rolelint.template.template import Export, Exports, Template, build, is_policy, is_template
from rolelint.verdicts import report
from rolelint.verdicts.report import Report, Unjudged, Verdict
from rolelint.verdicts.suppressions import excuse, find_suppressions


class Failure(NamedTuple):
    """A bug of ours that kept a file from being judged in full."""

    message: str
    error: BaseException


class Run(NamedTuple):
    """A report, the user's mistakes and our own failures."""

    report: Report
    mistakes: tuple[Missing, ...]
    failures: tuple[Failure, ...]


def lint(
    inputs: Iterable[Input | Skipped | Missing],
    rulebook: Rulebook,
    rules: Sequence[Rule],
    given: ReadOnly[str, str] | None = None,
    *,
    ignores: bool = True,
) -> Run:
    """Lint files with some of a rulebook's rules. A file that fails never costs the findings of another.

    ``given`` are the values that the user says parameters will have; without ``ignores`` no comment excuses anything.
    """
    found = list(inputs)
    seen = _Seen(tuple(rules), given or {}, frozenset(rule.name for rule in rulebook.rules), _exports(found), ignores=ignores)
    for one in found:
        match one:
            case Input():
                seen.file(one)
            case Skipped():
                seen.skipped.append(report.Skipped(one.path, one.reason))
            case Missing():
                seen.mistakes.append(one)
    seen.follow()
    return seen.run(rulebook)


def inspect(
    inputs: Iterable[Input | Skipped | Missing], given: ReadOnly[str, str] | None = None
) -> tuple[list[Access], list[Missing]]:
    """Who may do what, by each template among files, and the files that could not be read as one."""
    accesses: list[Access] = []
    mistakes: list[Missing] = []
    found = list(inputs)
    exports = _exports(found)
    for one in found:
        match one:
            case Input():
                try:
                    accesses += _accesses(read(one.path, one.data), given or {}, exports)
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
        template = _template(parsed.source, parsed.root, given, exports)
        return [read_access(each) for each in (template, *descendants(template))]
    raise _NotRead(parsed.problems[0].message if parsed.problems else parsed.skip or "not a template")


def _template(source: Source, root: Mapping, given: ReadOnly[str, str], exports: Exports) -> Template:
    """The template that a file holds, with those nested in it and what others of the run export."""
    return with_nested(build(source, root, given=given)._replace(exports=exports), load_beside)


def _exports(inputs: Iterable[Input | Skipped | Missing]) -> Exports:
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


class _Seen:
    """What a run has seen so far."""

    def __init__(
        self, rules: tuple[Rule, ...], given: ReadOnly[str, str], known: frozenset[str], exports: Exports, *, ignores: bool
    ) -> None:
        self.ignores = ignores
        self.rules = rules
        self.exports = exports
        self.given = given
        self.known = known
        self.ran = frozenset(rule.name for rule in rules)
        self.verdicts: list[Verdict] = []
        self.unjudged: list[Unjudged] = []
        self.skipped: list[report.Skipped] = []
        self.mistakes: list[Missing] = []
        self.failures: list[Failure] = []
        self.templates = self.principals = self.statements = 0
        self.paths: set[str] = set()
        self.followed: list[Template] = []

    def file(self, given: Input) -> None:
        try:
            parsed = read(given.path, given.data)
            if parsed.skip is None and parsed.root is not None and not (is_template(parsed.root) or is_policy(parsed.root)):
                parsed = parsed._replace(skip="neither a template with resources nor a policy document")
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
        templates: list[Template] = []
        if isinstance(parsed.root, Mapping):
            template = _template(parsed.source, parsed.root, self.given, self.exports)
            nested = list(descendants(template))
            templates = [template, *(one for one in nested if one.source is parsed.source)]
            self.followed += [one for one in nested if one.source is not parsed.source]
        return self.verdicts_on(templates, parsed.source, parsed.root, parsed.problems)

    def verdicts_on(
        self, templates: Sequence[Template], source: Source, root: Node | None, problems: Iterable[Problem]
    ) -> list[Verdict]:
        suppressions, odd = find_suppressions(source, root) if self.ignores else ((), ())
        findings: list[Finding] = []
        found = [*problems, *odd]
        for template in templates:
            access = read_access(template)
            found += access.problems
            findings += judge(access, self.rules)
            self.count(access)
        findings = list({(one.rule, one.span): one for one in (*findings, *report_problems(found, self.rules, root))}.values())
        verdicts, complaints = excuse(findings, suppressions, self.ran, self.known)
        return [*verdicts, *(Verdict(finding, "active") for finding in report_problems(complaints, self.rules, root))]

    def follow(self) -> None:
        """Judge the files that nested stacks are made from, unless they were given themselves."""
        for template in self.followed:
            if template.source.path not in self.paths:
                self.paths.add(template.source.path)
                self.templates += 1
                self.verdicts += self.verdicts_on([template], template.source, template.root, ())

    def count(self, access: Access) -> None:
        self.principals += len(access.principals)
        # One that depends on conditions is read once for each of its forms.
        self.statements += sum(len({one.number for one in policy.document.statements}) for policy in access.policies)
        path = access.template.source.path
        self.unjudged += [Unjudged(path, one.span.first.line, one.reason) for one in access.unevaluated]

    def run(self, rulebook: Rulebook) -> Run:
        self.verdicts.sort(key=lambda one: (one.finding.span.source.path, one.finding.span.start, one.finding.rule))
        outcome = Report(
            verdicts=tuple(self.verdicts),
            templates=self.templates,
            principals=self.principals,
            statements=self.statements,
            unjudged=tuple(self.unjudged),
            skipped=tuple(self.skipped),
            rules=self.rules,
            page=rulebook.page,
        )
        return Run(outcome, tuple(self.mistakes), tuple(self.failures))
