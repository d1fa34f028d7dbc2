"""What do SAM's own words stand for? Policy templates, connectors and policy paths, compiled into text that is committed.

Writes `src/rolelint/template/sam/data/` from a pinned release of AWS's own translator and from the catalogue's managed policies:

    python tools/build_sam_data.py                   # download, compile, write
    python tools/build_sam_data.py --check           # compile and compare with what is committed; exit 1 when they differ
    python tools/build_sam_data.py --cache DIR       # keep the downloaded package in DIR

The package is only ever read as an archive: nothing in it is imported or run.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from compiled import SOURCE, compact, lines, main, read
from packages import Package, fetch

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

TRANSLATOR = Package(
    "aws_sam_translator", "1.115.0", "9be2d7b04041a64e89ed3fb1186f948377ecc118033a8a7538f271d4bcab0afa", "Apache-2.0"
)

# What a connector makes, in the translator's words and in ours.
MAKES = {
    "AWS_IAM_ROLE_MANAGED_POLICY": "policy",
    "AWS_LAMBDA_PERMISSION": "permission",
    "AWS_SNS_TOPIC_POLICY": "topic",
    "AWS_SQS_QUEUE_POLICY": "queue",
}


def build(cache: str) -> dict[str, str]:
    """Compile every data file, as {file name: text}."""
    wheel = fetch(TRANSLATOR, cache)
    return {
        "connectors.tsv": lines(sorted(connectors(wheel))),
        "managed_paths.tsv": lines(managed_paths(read(os.path.join(SOURCE, "catalogue", "data", "policies.tsv")))),
        "policy_templates.tsv": lines(sorted(policy_templates(wheel))),
    }


def policy_templates(wheel: zipfile.ZipFile) -> Iterator[str]:
    """One policy template a line: name, parameters, statements."""
    content = _json(wheel, "policy_templates_data/policy_templates.json")
    for name, template in content["Templates"].items():
        yield "\t".join((name, " ".join(template["Parameters"]), compact(template["Definition"]["Statement"])))


def connectors(wheel: zipfile.ZipFile) -> Iterator[str]:
    """One pair of types a line: source, destination, what it makes, whose end it belongs to, what each permission allows."""
    content = _json(wheel, "model/connector_profiles/profiles.json")
    for source, destinations in content["Permissions"].items():
        for destination, profile in destinations.items():
            properties = profile["Properties"]
            end = "source" if properties["SourcePolicy"] else "destination"
            yield "\t".join((source, destination, MAKES[profile["Type"]], end, compact(properties["AccessCategories"])))


def managed_paths(policies: str) -> Iterator[str]:
    """The managed policies that do not stand at the root, one a line: name, path."""
    for line in policies.splitlines():
        name, path = line.split("\t")[:2]
        if path != "/":
            yield f"{name}\t{path}"


def _json(wheel: zipfile.ZipFile, path: str) -> Any:  # noqa: ANN401  the shapes are the translator's
    return json.loads(wheel.read(f"samtranslator/{path}"))


if __name__ == "__main__":
    sys.exit(main(os.path.join(SOURCE, "template", "sam", "data"), build))
