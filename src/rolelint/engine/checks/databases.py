"""Does a database let identities of IAM sign in, or passwords only?

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
"""

from collections.abc import Iterator

from rolelint.engine.checks.written import is_set_to, left_out
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty
from rolelint.syntax.nodes import Mapping
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text

_SETTINGS = {
    "AWS::Neptune::DBCluster": "IamAuthEnabled",
    "AWS::RDS::DBCluster": "EnableIAMDatabaseAuthentication",
    "AWS::RDS::DBInstance": "EnableIAMDatabaseAuthentication",
}
_ENGINES = {
    "AWS::RDS::DBCluster": ("aurora", "aurora-mysql", "aurora-postgresql", "mysql", "postgres"),
    "AWS::RDS::DBInstance": ("mariadb", "mysql", "postgres"),
}
"""Engines that know identities of IAM; an instance of Aurora has what its cluster says."""


@says("database", "found")
def without_iam(subject: TemplateSubject) -> Iterator[Hit]:
    """A database whose engine knows identities of IAM does not let them in."""
    template = subject.access.template
    for resource in template.resources.values():
        able = _is_able(resource, template) if resource.type in _SETTINGS else NO
        if not able.certainty:
            continue
        name, properties = _SETTINGS[resource.type], resource.properties
        entry = properties.entry(name) if isinstance(properties, Mapping) else None
        off = is_set_to(template, entry.value, "false") if entry else NO
        if entry and off.certainty:
            answer = Answer(min(able.certainty, off.certainty), (*able.assumptions, *off.assumptions))
            yield Hit(
                entry.key.span, answer, {"database": resource.id, "found": f"{name}: {entry.value.span.on_one_line().text}"}
            )
            continue
        for when in left_out(properties, name, Scope(template)):
            yield Hit(resource.key.span, able, {"database": resource.id, "found": f"no {name}"}, when)
            break


def _is_able(resource: Resource, template: Template) -> Answer:
    """Whether an engine knows identities of IAM; possible where the template does not tell the engine."""
    engines, properties = _ENGINES.get(resource.type), resource.properties
    if engines is None:
        return CERTAIN
    if not isinstance(properties, Mapping) or (properties.get("DBClusterIdentifier") and resource.type == "AWS::RDS::DBInstance"):
        return NO
    node = properties.get("Engine")
    known = evaluate(node, Scope(template)) if node is not None else None
    if isinstance(known, Text) and known.literal is not None:
        return CERTAIN if known.literal.lower() in engines else NO
    return Answer(Certainty.POSSIBLE, ("its engine knows identities of IAM",))
