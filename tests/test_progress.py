"""Progress: for somebody who sits at a terminal and waits."""

import io
import sys

import pytest

from rolelint.commands import progress as module
from rolelint.commands.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(patch: pytest.MonkeyPatch, *, patient: bool = False) -> Terminal:
    """A terminal as standard error, and a clock on which every look takes a second, or no time at all."""
    seconds = iter(range(1000))
    patch.setattr(module, "monotonic", lambda: 0 if patient else next(seconds))
    patch.setenv("TERM", "xterm")
    shown = Terminal()
    patch.setattr("sys.stderr", shown)
    return shown


def test_whoever_waits_is_shown_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich", reason="the bar is rich's, an extra")
    shown = terminal(monkeypatch)

    assert list(progress(quiet=False)(range(5))) == [0, 1, 2, 3, 4]
    assert "Linting" in shown.getvalue()


def test_without_rich_there_is_no_bar_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "rich.progress", None)

    assert list(progress(quiet=False)(range(5))) == [0, 1, 2, 3, 4]
    assert shown.getvalue() == ""


@pytest.mark.parametrize(("quiet", "patient"), [(True, False), (False, True)])
def test_the_quiet_and_the_fast_see_nothing(quiet: bool, patient: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    shown = terminal(monkeypatch, patient=patient)

    assert list(progress(quiet=quiet)(range(5))) == [0, 1, 2, 3, 4]
    assert shown.getvalue() == ""


def test_nothing_is_shown_where_no_terminal_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for nobody in (io.StringIO(), None):
        monkeypatch.setattr("sys.stderr", nobody)
        assert list(progress(quiet=False)(range(5))) == [0, 1, 2, 3, 4]
