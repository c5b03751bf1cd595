"""The report as one HTML page: no script, no other file, light or dark as the reader has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vertex_custom_weights_provider.report import wording
from vertex_custom_weights_provider.report.decision import Decision
from vertex_custom_weights_provider.report.model import Callers, Fate, Report
from vertex_custom_weights_provider.report.pages.drawing import across, down
from vertex_custom_weights_provider.report.pages.markup import visible

_FOLDER = Path(__file__).parent
# How grave a fate is: the colour of its badge. The word says it too.
_TONES = {
    Fate.REPLACED: "grave",
    Fate.REMOVED: "grave",
    Fate.RECONNECTED: "mind",
    Fate.ROLLED_OUT: "mind",
    Fate.CHANGED: "calm",
    Fate.NEW: "calm",  # it costs money, so it is no good news by itself
    Fate.IMPORTED: "calm",
    Fate.RENAMED: "calm",
    Fate.UNCHANGED: "calm",
    Callers.LOSE_IT: "grave",
    Callers.FOLLOW: "grave",
    Callers.CUT_OFF: "mind",
    Callers.UNAFFECTED: "calm",
    Callers.NONE: "calm",
    "error": "grave",
    "warn": "mind",
    "ok": "good",
    "": "calm",
    Decision.ALLOW: "good",
    Decision.WARN: "mind",
    Decision.BLOCK: "grave",
}
_SIGNS = {"grave": "✕", "mind": "!", "good": "✓", "calm": ""}


def page(report: Report) -> str:
    """Return the page."""
    # Imported late: only this needs a template engine.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("page.html.j2")
    return template.render(
        report=report,
        words=wording,
        style=(_FOLDER / "page.css").read_text(encoding="utf-8"),
        tones=_TONES,
        signs=_SIGNS,
        across=across,
        down=down,
    )


def _clean(value: Any) -> Any:
    """Keep control characters and overrides of the writing direction off the page."""
    return visible(value) if type(value) is str else value
