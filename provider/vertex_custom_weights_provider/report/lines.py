"""The lines that engine and provider left: what must be mended, warnings, and notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from vertex_custom_weights_provider.report.model import Problem
from vertex_custom_weights_provider.report.reading.preview import Line, Preview, Resource
from vertex_custom_weights_provider.report.reading.urns import Urn

_TRACEBACK = "Traceback (most recent call last):"
# The engine's last words, which add nothing to what failed.
_EMPTY = frozenset({"preview failed", "update failed", "resource registration failed"})


class Lines:
    """The lines of a preview, without those that the report says in another place.

    Args:
        preview: The preview.
        said: Ids of lines that are said elsewhere, by URN.
    """

    def __init__(self, preview: Preview, said: Mapping[str, frozenset[str]]) -> None:
        self._elsewhere = said
        self._failed = preview.failed
        self._lines: dict[str, list[Line]] = {}
        for line in preview.lines:
            self._lines.setdefault(line.severity, []).append(_plain(line))

    def problems(self, resources: Iterable[Resource] | None = None) -> tuple[Problem, ...]:
        """Return what must be mended: of some resources, or everything."""
        lines = self._lines.get("error", [])
        if resources is not None:
            urns = {str(resource.urn) for resource in resources}
            return _problems(line for line in lines if line.urn in urns)
        found = _problems(lines)
        if self._failed and not found:
            silent = "The preview failed without a reason; its log, or a policy, may tell."
            return (Problem("", silent),)
        return found

    def warnings(self) -> tuple[Problem, ...]:
        """Return warnings that no finding stands for."""
        lines = self._lines.get("warn", [])
        return _problems(line for line in lines if not self._said(line))

    def notes(self, resource: Resource) -> tuple[str, ...]:
        """Return what else the provider said about a resource."""
        lines = self._lines.get("info", [])
        urn = str(resource.urn)
        found = (line.text for line in lines if line.urn == urn and not self._said(line))
        return tuple(dict.fromkeys(found))

    def _said(self, line: Line) -> bool:
        return line.id in self._elsewhere.get(line.urn, ())


def _plain(line: Line) -> Line:
    return replace(line, text=_without_traceback(line.text))


def _without_traceback(told: str) -> str:
    """Leave out where in which file; the log has that."""
    head, traceback, rest = told.partition(_TRACEBACK)
    ends = [line for line in rest.splitlines() if line.strip()]
    return f"{head.strip()} {ends[-1].strip()}" if traceback and ends else told


def _problems(lines: Iterable[Line]) -> tuple[Problem, ...]:
    found = (
        Problem(Urn.parse(line.urn).name, line.text) for line in lines if line.text not in _EMPTY
    )
    return tuple(dict.fromkeys(found))
