"""Is a bucket public? By its policy, its ACL or as a web site, as far as its block of public access lets them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from collections.abc import Callable, Iterator

from rolelint.engine.checks.opened import changes, opened, reads, setting, type_of
from rolelint.engine.checks.strangers import public
from rolelint.engine.checks.written import as_written, below, entry_of, left_out, set_to, start_of, texts_at
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject, TemplateSubject
from rolelint.iam.patterns import CERTAIN, Answer, Certainty, judge, together
from rolelint.iam.places import attached_to
from rolelint.syntax.nodes import Mapping, Scalar
from rolelint.template.evaluate import Scope, evaluate, shallow
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text, When, alternatives

_FACTS = ("actions", "doing", "principal")
_SETTINGS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_AGAINST_ACLS = ("BlockPublicAcls", "IgnorePublicAcls")
_AGAINST_POLICIES = ("BlockPublicPolicy", "RestrictPublicBuckets")
"""Settings of which one is enough for what is yet to come: against ACLs, and against policies."""
_BY_DEFAULT = Answer(Certainty.POSSIBLE, ("the bucket is older than April 2023, or the account's default was changed",))
_BY_HISTORY = Answer(Certainty.POSSIBLE, ("something was made public before the other settings were on, or they are turned off",))
_BY_SILENCE = Answer(Certainty.POSSIBLE, ("what is left out is off",))
_WITH_ACLS = ("BucketOwnerPreferred", "ObjectWriter")
_WITH_ITS_ACLS = Answer(Certainty.POSSIBLE, ("its ACLs are on, as for buckets older than April 2023",))
_BLOCKING = ("AWS::S3::AccessPoint", "AWS::S3::Bucket", "AWS::S3::MultiRegionAccessPoint", "AWS::S3Outposts::AccessPoint")
"""Types with a block of public access of their own."""
_BUCKETS = ("AWS::S3::", "AWS::S3Express::", "AWS::S3ObjectLambda::", "AWS::S3Outposts::", "AWS::S3Tables::", "AWS::S3Vectors::")


@says(*_FACTS)
def public_bucket_read(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may read or list what is in a bucket."""
    return _public(subject, reads)


@says(*_FACTS)
def public_bucket_write(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may change a bucket or what is in it."""
    return _public(subject, changes)


def _public(subject: StatementSubject, does: Callable[[StatementSubject, str], bool]) -> Iterator[Hit]:
    """The principals that are everybody, where the statement gives something of a kind and no setting blocks it."""
    type_name = type_of(subject)
    hits = list(public(subject)) if type_name.startswith(_BUCKETS) else []
    if hits and does(subject, type_name) and not _blocked_policy(subject):
        yield from hits


def _blocked_policy(subject: StatementSubject) -> bool:
    """Whether S3 refuses the policy or lets only the owner's account use it, or an access point only a VPC."""
    properties = [resource.properties for resource in opened(subject)]
    in_vpc = any(isinstance(one, Mapping) and one.get("VpcConfiguration") is not None for one in properties)
    return in_vpc or _blocked(subject, "BlockPublicPolicy", "RestrictPublicBuckets")


def _blocked(subject: StatementSubject, *settings: str) -> bool:
    """Whether the bucket's own block of public access makes the statement void."""
    return any(
        setting(bucket, subject.access.template, "PublicAccessBlockConfiguration", name) == "true"
        for bucket in opened(subject)
        for name in settings
    )


@says("who", "acl")
def public_acl_read(subject: StatementSubject) -> Iterator[Hit]:
    """A canned ACL lets strangers list a bucket."""
    yield from _acl(subject, writes=False)


@says("who", "acl")
def public_acl_write(subject: StatementSubject) -> Iterator[Hit]:
    """A canned ACL lets strangers write to a bucket."""
    yield from _acl(subject, writes=True)


def _acl(subject: StatementSubject, *, writes: bool) -> Iterator[Hit]:
    statement = subject.statement
    may_write = any(action.text.literal == "s3:PutObject" for action in statement.actions)
    if type_of(subject) != "AWS::S3::Bucket" or may_write != writes or _blocked(subject, "BlockPublicAcls", "IgnorePublicAcls"):
        return
    written = evaluate(statement.node, Scope(subject.access.template, statement.when))
    for principal in statement.principals:
        if principal.text.literal == "*" and isinstance(written, Text):
            with_account = principal.kind == "AWS"
            who = "everybody with an AWS account" if with_account else "everybody on the internet"
            name = "authenticatedread" if with_account else "publicreadwrite" if writes else "publicread"
            answer = judge(written, lambda acl, name=name: acl.lower() == name)  # type: ignore[misc]
            yield Hit(statement.node.span, answer, {"who": who, "acl": statement.node.span.text}, statement.when)


@says("bucket", "settings")
def policies_unblocked(subject: TemplateSubject) -> Iterator[Hit]:
    """Nothing keeps a policy from making a bucket, or an access point to one, public."""
    yield from (hit for _, hit in _unblocked(subject.access.template, _AGAINST_POLICIES))


@says("bucket", "settings")
def acls_unblocked(subject: TemplateSubject) -> Iterator[Hit]:
    """Nothing keeps an ACL from making a bucket or its objects public, unless the bucket has no ACLs at all.

    New buckets have none: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    template = subject.access.template
    for resource, hit in _unblocked(template, _AGAINST_ACLS):
        rules = below(start_of(resource), ("OwnershipControls", "Rules", "*", "ObjectOwnership"), template)
        owners = {text.literal for rule in rules for _, text in texts_at(rule, template)}
        if owners and owners <= set(_WITH_ACLS):
            yield hit
        elif owners != {"BucketOwnerEnforced"}:
            yield hit._replace(answer=together(hit.answer, _WITH_ITS_ACLS))


def _unblocked(template: Template, pair: tuple[str, str]) -> Iterator[tuple[Resource, Hit]]:
    """The blocks of public access in which two settings are off of which one would be enough."""
    for resource in template.resources.values():
        if resource.type in _BLOCKING:
            for block in below(start_of(resource), ("PublicAccessBlockConfiguration",), template):
                for when, found in shallow(block.node, as_written(template, block.when)):
                    if isinstance(found, Mapping) and any(found.get(name) is not None for name in _SETTINGS):
                        facts = {"bucket": resource.id, "settings": listed(pair)}
                        for case, answer in _all_off(found, pair, Scope(template, when), resource):
                            yield resource, Hit(block.key.span, answer, facts, case, about=frozenset({resource.id}))


def _all_off(block: Mapping, names: tuple[str, ...], scope: Scope, resource: Resource) -> Iterator[tuple[When, Answer]]:
    """When all of some settings are off, and how surely; what is left out beside others is off for a bucket."""
    if not names:
        yield scope.when, CERTAIN
        return
    silent = CERTAIN if resource.type == "AWS::S3::Bucket" else _BY_SILENCE
    for when, answer in _off(block, names[0], scope, silent):
        for case, others in _all_off(block, names[1:], scope._replace(when=when), resource):
            yield case, together(answer, others)


def _off(block: Mapping, name: str, scope: Scope, silent: Answer) -> Iterator[tuple[When, Answer]]:
    """When one setting is off, and how surely."""
    for when in left_out(block, name, scope):
        yield when, silent
    entry = block.entry(name)
    if entry:
        yield from set_to(entry.value, scope, "false")


@says("bucket", "found")
def without_block(subject: TemplateSubject) -> Iterator[Hit]:
    """A bucket does not turn on all of its block of public access."""
    template = subject.access.template
    for resource in template.resources.values():
        if resource.type != "AWS::S3::Bucket" or isinstance(resource.properties, Scalar):
            continue
        block = entry_of(resource.properties, "PublicAccessBlockConfiguration")
        if block is None:
            yield Hit(resource.key.span, _BY_DEFAULT, {"bucket": resource.id, "found": "no PublicAccessBlockConfiguration"})
            continue
        for when, found in shallow(block.value, Scope(template)):
            scope = Scope(template, when)
            off = [name for name in _SETTINGS if isinstance(found, Mapping) and any(_off(found, name, scope, CERTAIN))]
            if off:
                facts = {"bucket": resource.id, "found": f"no {listed(off, len(_SETTINGS))}"}
                yield Hit(block.key.span, _BY_HISTORY, facts, when)


@says("bucket")
def without_policy(subject: TemplateSubject) -> Iterator[Hit]:
    """No policy of this template is for a bucket; one that is for a bucket elsewhere may still mean it."""
    template = subject.access.template
    policies = [one for one in subject.access.policies if one.resource and one.resource.type == "AWS::S3::BucketPolicy"]
    named = [where for one in policies if one.place for where in attached_to(one.place, template) or ("what is imported",)]
    elsewhere = [where for where in dict.fromkeys(named) if where not in template.resources]
    doubt = Answer(Certainty.POSSIBLE, (f"{listed(elsewhere)} is another bucket",))
    for resource in template.resources.values():
        if resource.type == "AWS::S3::Bucket" and resource.id not in named:
            yield Hit(resource.key.span, doubt if elsewhere else CERTAIN, {"bucket": resource.id})


@says("bucket")
def website(subject: TemplateSubject) -> Iterator[Hit]:
    """A bucket serves its objects as a web site."""
    template = subject.access.template
    for resource in template.resources.values():
        for place in below(start_of(resource), ("WebsiteConfiguration",), template) if resource.type == "AWS::S3::Bucket" else ():
            for when, _ in alternatives(evaluate(place.node, Scope(template, place.when)), place.when):
                yield Hit(place.key.span, CERTAIN, {"bucket": resource.id}, when)


@says("bucket", "acl")
def acl_instead_of_policy(subject: TemplateSubject) -> Iterator[Hit]:
    """A bucket has an ACL, which S3 no longer recommends."""
    for resource in subject.access.template.resources.values():
        node = resource.properties
        entry = node.entry("AccessControl") if resource.type == "AWS::S3::Bucket" and isinstance(node, Mapping) else None
        if entry:
            yield Hit(entry.key.span, CERTAIN, {"bucket": resource.id, "acl": entry.value.span.on_one_line().text})
