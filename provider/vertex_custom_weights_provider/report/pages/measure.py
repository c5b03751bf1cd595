"""How wide a text becomes: the page loads no font, so the widest of the usual ones is assumed.

Advance widths are those of DejaVu Sans and its bold, in parts of the font size, rounded up. System
fonts of desktops and phones are narrower.
"""

from __future__ import annotations

from collections.abc import Mapping

_REGULAR = {
    0.32: " 'IJijl",
    0.35: ",./:;\\|",
    0.4: "-f()[]t",
    0.46: "!r",
    0.5: '"*_`',
    0.55: "?csz",
    0.6: "FkvxyL",
    0.65: "$0123456789EPSTYabdeghnopqu{}",
    0.7: "ABCRVXZK",
    0.75: "NU",
    0.8: "&DGHOQ",
    0.85: "#+<=>^~×w",
    0.9: "M",
}
_BOLD = {
    0.35: " 'ijl",
    0.4: "/IJ\\|,.:;",
    0.45: "-f",
    0.5: "!()[]_`rt",
    0.55: '"*',
    0.6: "?csz",
    0.66: "Lx",
    0.7: "$0123456789EFTeoakvy",
    0.75: "CPSYZbdghnpqu{}",
    0.8: "ABKRVX",
    0.85: "#+<=>DHN^~×GU",
    0.9: "&OQ",
    0.95: "w",
    1.15: "W",
}
_OTHER = 1.05


def _by_letter(classes: Mapping[float, str]) -> dict[str, float]:
    return {letter: width for width, letters in classes.items() for letter in letters}


_LETTERS = {False: _by_letter(_REGULAR), True: _by_letter(_BOLD)}


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text of a font size, in the unit of that size."""
    letters = _LETTERS[bold]
    return size * sum(letters.get(letter, _OTHER) for letter in text)
