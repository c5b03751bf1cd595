"""Code blocks of the documentation, with the comment above them that says how they are checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
PAGES = [
    *(CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *(CHECKOUT / name / "README.md" for name in ("examples", "stacks", "templates")),
    *sorted((CHECKOUT / "docs").rglob("*.md")),
]
_BLOCK = re.compile(
    r"(?:^<!-- (?P<directive>[^\n]*) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    page: str
    line: int
    language: str
    directive: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(path: Path) -> list[Block]:
    """Return the blocks of a page, in order."""
    text = path.read_text(encoding="utf-8")
    return [
        Block(
            page=str(path.relative_to(CHECKOUT)),
            line=text.count("\n", 0, found.start("text")) + 1,
            language=found["language"],
            directive=found["directive"] or "",
            text=found["text"],
        )
        for found in _BLOCK.finditer(text)
    ]


ALL = [block for page in PAGES for block in blocks(page)]
