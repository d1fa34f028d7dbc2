"""Who may do what, by each template among files?"""

from collections.abc import Callable, Iterable
from collections.abc import Mapping as ReadOnly

from rolelint.iam.access import Access, read_access
from rolelint.reading import exports_among, read_template, whole_template
from rolelint.syntax.beside import load_beside
from rolelint.syntax.files import File, Input, Missing
from rolelint.syntax.nodes import Mapping
from rolelint.template.nesting import descendants
from rolelint.template.template import Exports


def inspect(inputs: Iterable[File], given_for: Callable[[str], ReadOnly[str, str]]) -> tuple[list[Access], list[Missing]]:
    """The access that each template gives, and the files that could not be read as one.

    ``given_for`` has the values of parameters for a path.
    """
    files = list(inputs)
    exports = exports_among(files)
    accesses: list[Access] = []
    mistakes: list[Missing] = []
    for one in files:
        read = _accesses(one, given_for(one.path), exports) if isinstance(one, Input) else one
        if isinstance(read, Missing):
            mistakes.append(read)
        elif isinstance(read, list):
            accesses += read
    return accesses, mistakes


def _accesses(given: Input, values: ReadOnly[str, str], exports: Exports) -> list[Access] | Missing:
    """Who may do what by the templates in a file."""
    try:
        parsed = read_template(given)
        if parsed.skip is None and isinstance(parsed.root, Mapping):
            template = whole_template(parsed.source, parsed.root, values, exports, load_beside)
            return [read_access(each) for each in (template, *descendants(template))]
    except Exception as error:  # noqa: BLE001 - our bug: named, and the other files go on
        return Missing(given.path, f"{type(error).__name__}, a bug in rolelint", "please report it")
    return Missing(given.path, parsed.skip or parsed.problems[0].message, "name CloudFormation templates or IAM policy documents")
