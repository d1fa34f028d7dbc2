import pytest

from rolelint.reporters.markup import code, escaped, fenced, link, paragraphs


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("s3:* on *", r"s3:\* on \*"),
        ("<script>alert(1)</script>", r"\<script\>alert(1)\</script\>"),
        ("[here](https://evil.example)", r"\[here\](https\://evil.example)"),
        ("![x](y)", r"!\[x\](y)"),
        ("www.evil.example &lt;", r"www\.evil.example \&lt;"),
        ("# no heading", r"\# no heading"),
        ("1. no list", r"1\. no list"),
        ("- no list", r"\- no list"),
        ("cfn_nag and _this_", r"cfn_nag and \_this\_"),
        ("`iam:*` stays code", "`iam:*` stays code"),
        ("an odd ` and <b>", r"an odd \` and \<b\>"),
        ("one\n\n# line", "one # line"),
        ("\x1b[31m", r"\\x1b\[31m"),
    ],
)
def test_prose_cannot_become_markup(text: str, written: str) -> None:
    assert escaped(text) == written


def test_code_cannot_leave_its_fence() -> None:
    assert fenced("a\n  ````\n<b>\x1b\n", "yaml") == "`````yaml\na\n  ````\n<b>\\x1b\n`````"


def test_only_web_addresses_become_links() -> None:
    assert link("https://docs.aws.amazon.com/a?b=c#d") == "<https://docs.aws.amazon.com/a?b=c#d>"
    assert link("javascript:alert(1)") == "javascript:alert(1)"
    assert link("https://x> <b>") == r"https\://x\> \<b\>"


def test_folded_text_has_paragraphs() -> None:
    assert paragraphs("one two\nthree\n\n") == ["one two", "three"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a|b <i>", "`a|b <i>`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("a\x1b\n``b", r"```a\x1b ``b```"),
        ("", ""),
    ],
)
def test_a_backtick_cannot_end_code(text: str, written: str) -> None:
    assert code(text) == written
