"""Write the documents that are made from the program: ``python tools/generate_docs.py``."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import answers

from rolelint.engine.pages import catalogue, markdown
from rolelint.engine.rulebook import builtin
from rolelint.iam import places
from rolelint.iam.holdings import MANAGED_POLICY, PRINCIPAL_TYPES
from rolelint.iam.places import DOCUMENTS

ROOT = Path(__file__).parent.parent
RULE_PAGES = "docs/rules"

KINDS = {
    "identity_policy": ("Identity policies", "What a role, user, group, permission set or IoT certificate may do."),
    "trust_policy": ("Trust policies", "Who may assume a role."),
    "resource_policy": ("Resource policies", "Who may do what with a resource."),
    "endpoint_policy": ("Endpoint policies", "What may pass a VPC endpoint. Without one, everything may."),
    "session_policy": ("Session policies", "What a session may do at most; they grant nothing."),
    "org_policy": ("Organization policies", "What accounts may do at most. Those of other types have no IAM statements."),
    "permission_template": ("Permission templates", "What those may do with whom a resource is shared."),
    "managed_policy_attachment": ("Attachments of managed policies", "Which managed policies a principal holds."),
    "attachment_link": ("Links", "For which principals, groups or targets a policy, a profile or a membership is."),
    "permissions_boundary": ("Permissions boundaries", "What a principal may do at most, whatever its policies say."),
    "grant": ("Grants that are no documents", "Properties that let somebody do something."),
    "nested_template": ("Templates in templates", "What they hold is part of what is deployed."),
    "not_iam": ("Policies in name only", "They have a grammar of their own and are passed over."),
}
"""The kinds of places, in the order of the page: a title and what they say."""

FOLLOWED = {
    ("AWS::CloudFormation::Stack", "TemplateURL"): "if it is a local file",
    ("AWS::CloudFormation::StackSet", "TemplateBody"): "yes",
    ("AWS::Serverless::Application", "Location"): "if it is a local file",
}
"""The templates in templates that are read."""

_ENCODED = DOCUMENTS | {"nested_template", "not_iam"}
_ENCODINGS = {"object": "mapping", "string": "text", "either": "mapping or text"}
_SHAPES = {
    "name_path": "name and path",
    "sam_policies": "list of SAM's",
    "sam_resource_policy": "settings of SAM's",
    "other": "grammar of its own",
}

INTRODUCTION = """\
# What rolelint reads

Generated from `src/rolelint/iam/data/places.tsv` by `python tools/generate_docs.py`; do not edit.
[reading.md](reading.md) says how a template is read, and what is not.
"""


class Line(NamedTuple):
    """A line of the table of places."""

    type: str
    path: str
    kind: str
    encoding: str
    shape: str
    attach_to: str
    only: str


def main() -> None:
    """Write docs/coverage.md, the list of rules, the page of each rule, and what answers other tools' questions."""
    rulebook = builtin()
    _write("rules/README.md", catalogue(rulebook))
    _write("rules/COVERAGE.md", answers.page())
    for page in (ROOT / RULE_PAGES).glob("*.md"):
        if rulebook.named(page.stem) is None:
            page.unlink()
    for rule in rulebook.rules:
        _write(f"{RULE_PAGES}/{rule.name}.md", markdown(rule, rulebook.page(rule.name)))
    _write("docs/coverage.md", coverage())


def _write(path: str, text: str) -> None:
    (ROOT / path).parent.mkdir(exist_ok=True, parents=True)
    (ROOT / path).write_text(text, encoding="utf-8", newline="\n")


def coverage() -> str:
    """The page about what is read: how, and place by place."""
    return "\n".join((INTRODUCTION, *_counts(table()), *(line for kind in KINDS for line in _section(kind)))) + "\n"


def table() -> list[Line]:
    """The table of places."""
    text = (Path(places.HERE) / "places.tsv").read_text(encoding="ascii")
    return [Line(*line.split("\t")) for line in text.splitlines()]


def _counts(lines: list[Line]) -> Iterator[str]:
    documents = [line for line in lines if line.kind in DOCUMENTS]
    real = [line for line in lines if line.kind != "not_iam"]
    yield "## Where permissions are written"
    yield ""
    yield (
        f"{len(real)} places in {len({line.type for line in real})} resource types; {len(documents)} of them, in "
        f"{len({line.type for line in documents})} types, are policy documents. {len(lines) - len(real)} more only look like one."
    )
    yield ""
    yield "| kind | places | types | mapping | text | either |"
    yield "|---|---:|---:|---:|---:|---:|"
    for kind, (title, _) in KINDS.items():
        found = [line for line in lines if line.kind == kind]
        encodings = [line.encoding for line in found]
        encoded = [str(encodings.count(one)) if kind in _ENCODED else "" for one in _ENCODINGS]
        counts = (len(found), len({line.type for line in found}), *encoded)
        yield f"| [{title}](#{title.lower().replace(' ', '-')}) | " + " | ".join(map(str, counts)) + " |"
    yield ""
    yield "*Mapping* and *text* are what AWS's schema admits. rolelint reads both everywhere."
    yield ""
    yield "In paths, `*` is any member of a list, `{}` any key, and `.` the properties of the resource together. Under *read*:"
    yield "a document or a statement is read as one; a policy *by name* is looked up among AWS's managed policies and those of"
    yield "the template; what is only *listed* is named by `rolelint inspect`, but no rule judges what it says."


def _section(kind: str) -> Iterator[str]:
    title, says = KINDS[kind]
    lines = [line for line in table() if line.kind == kind]
    yield f"\n## {title}\n\n{says}\n"
    if kind == "not_iam":
        yield "| type | path | written as |"
        yield "|---|---|---|"
        yield from (f"| {line.type} | `{line.path}` | {_ENCODINGS[line.encoding]} |" for line in lines)
        return
    written_as = ["written as"] if kind in _ENCODED else []
    heads = ("type", "path", *written_as, "shape", "read", "applies to")
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    forms = {tuple(line.split("\t")[:2]) for line in (Path(places.HERE) / "grants.tsv").read_text(encoding="ascii").splitlines()}
    for line in lines:
        shape = _SHAPES.get(line.shape, line.shape)
        encoding = [_ENCODINGS[line.encoding]] if written_as else []
        cells = (line.type, _path(line), *encoding, shape, _read(line, forms), _applies_to(line))
        yield f"| {' | '.join(cells)} |"


def _path(line: Line) -> str:
    """The path with what must hold beside it."""
    only = line.only.removeprefix("expanded").removeprefix("narrows").strip()
    if only.startswith("!"):
        return f"`{line.path}` without `{only[1:]}`"
    name, equals, values = only.partition("=")
    if not equals:
        return f"`{line.path}`"
    listed = " or ".join(f"`{value}`" for value in values.split("|"))
    return f"`{line.path}` if {f'`{name}` is ' if name else ''}{listed}"


def _read(line: Line, forms: set[tuple[str, ...]]) -> str:
    """What is done with what stands there."""
    besides = {"expanded": "as what SAM makes of it", "narrows": "listed"}.get(line.only.partition(" ")[0])
    if besides:
        return besides
    if line.kind == "grant":
        return "as a statement" if (line.type, line.path) in forms or line.type == "AWS::S3::Bucket" else "listed"
    if line.kind == "nested_template":
        return FOLLOWED.get((line.type, line.path), "listed")
    if line.kind == "attachment_link":
        return "followed" if line.attach_to in (*PRINCIPAL_TYPES, MANAGED_POLICY) else "no"
    return "by name" if line.kind in ("managed_policy_attachment", "permissions_boundary") else "yes"


def _applies_to(line: Line) -> str:
    if line.attach_to == "self":
        return "the resource itself"
    if line.attach_to.startswith('"'):
        return line.attach_to.strip('"').replace("{id}Role", "the role that SAM makes")
    if line.kind == "attachment_link":
        return line.attach_to
    return ", ".join(f"`{path}`" for path in line.attach_to.split(" "))


if __name__ == "__main__":
    main()
