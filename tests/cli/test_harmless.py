"""What is printed steers neither a terminal nor the build that runs the command."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from vertex_custom_weights_provider.cli.harmless import Harmless, shown

# As GitHub's runner reads its commands: https://github.com/actions/runner, ActionCommand.cs.
OBEYED = re.compile(r"^\s*::|##\[|##vso\[|##teamcity\[")
OTHER_SCRIPTS = (
    "\u3000\u4f60\u597d \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 "
    "\U0001f469\u200d\U0001f4bb 10\u00a0000"
)
PLAIN = ["a :: b", "std::vector", "# [link]", "%:%", "a\n\n:b\n", "[::1]", OTHER_SCRIPTS]
LETTERS = " \t\n:#[vsoteamciym\u00e9\u202e"
PIECES = st.lists(st.text(alphabet=LETTERS + "\x1b", max_size=6), max_size=12)
# A colour of the program's own is written in one piece, so only other text may come in any.
OTHER_PIECES = st.lists(st.text(alphabet=LETTERS, max_size=6), max_size=12)


def printed(*pieces: str) -> str:
    beneath = io.StringIO()
    stream = Harmless(beneath)
    for piece in pieces:
        stream.write(piece)
    return beneath.getvalue()


@given(PIECES)
def test_no_line_is_a_command_whatever_pieces_it_comes_in(pieces: list[str]) -> None:
    assert not [line for line in printed(*pieces).split("\n") if OBEYED.search(line)]


@given(OTHER_PIECES)
def test_pieces_do_not_matter_and_nothing_is_lost(pieces: list[str]) -> None:
    assert printed(*pieces) == printed("".join(pieces))
    assert printed(*pieces).replace(" ", "") == shown("".join(pieces)).replace(" ", "")


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_is_printed_as_it_is(text: str) -> None:
    assert printed(text) == text


def test_a_long_line_is_not_taken_for_a_new_one() -> None:
    assert printed("x" * 5000, "::", "y" * 5000, ":", ":") == f"{'x' * 5000}::{'y' * 5000}::"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        ("\x1b[2Jgone", "\\u001b[2Jgone"),
        ("a\rb", "a\\u000db"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x9b31m", "\\u009b31m"),
    ],
)
def test_control_characters_are_written_out(text: str, seen: str) -> None:
    assert printed(text) == seen


def test_colours_of_ones_own_stay() -> None:
    assert printed("\x1b[1;31mred\x1b[0m") == "\x1b[1;31mred\x1b[0m"
    assert "\x1b" not in shown("\x1b[1;31mred\x1b[0m")  # and those of others do not


def test_a_table_that_wraps_a_name_makes_no_command_of_it() -> None:
    for width in range(20, 60):
        beneath = io.StringIO()
        console = Console(file=Harmless(beneath), width=width)
        console.print("x" * 30 + " ::error title=spoof::pwned")
        assert not any(OBEYED.search(line) for line in beneath.getvalue().splitlines())
