"""Routing: from Google's URL templates to the route of a request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Literal

from .call import Access, Basis, Handler, Note, Route

_VARIABLE = re.compile(r"\{(\w+)(?:=([^}]*))?\}")
_VERSIONS = "v1beta1|v1|ui"


def _segment(pattern: str, *, last: bool) -> str:
    """Turn the `*` and `**` of a template variable into a regular expression.

    Only the last segment excludes the colon, which there begins a custom verb; project ids of old
    domain-scoped organisations contain one.
    """
    parts = pattern.split("/")
    out: list[str] = []
    for index, part in enumerate(parts):
        if part == "**":
            out.append(".+")
        elif part == "*":
            out.append("[^/:]+" if last and index == len(parts) - 1 else "[^/]+")
        else:
            out.append(re.escape(part))
    return "/".join(out)


@cache
def compile_template(template: str) -> re.Pattern[str]:
    """Compile a template; its variables become named groups."""
    expression, position = "", 0
    for match in _VARIABLE.finditer(template):
        expression += re.escape(template[position : match.start()])
        name, pattern = match.group(1), match.group(2) or "*"
        position = match.end()
        last = template[position : position + 1] in ("", ":")
        inner = _VERSIONS if name == "version" else _segment(pattern, last=last)
        expression += f"(?P<{name}>{inner})"
    return re.compile(expression + re.escape(template[position:]) + r"\Z")


class Registry:
    """Collects the routes of one part of the emulator."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def route(
        self,
        verb: str,
        template: str | Sequence[str],
        *,
        method: str,
        access: Access = "read",
        body: Literal["json", "raw"] = "json",
        prediction: bool = False,
        basis: Basis = "contract",
        notes: Sequence[Note] = (),
    ) -> Callable[[Handler], Handler]:
        """Register the decorated handler, under several templates when the method has them."""
        templates = [template] if isinstance(template, str) else template

        def register(handler: Handler) -> Handler:
            self.routes.extend(
                Route(
                    verb=verb,
                    template=one,
                    method=method,
                    handler=handler,
                    access=access,
                    body=body,
                    prediction=prediction,
                    basis=basis,
                    notes=tuple(notes),
                )
                for one in templates
            )
            return handler

        return register


def _starts(template: str) -> Iterable[str]:
    """Return what the first segment of a path may be."""
    start = template.split("/", 2)[1]
    return _VERSIONS.split("|") if start == "{version}" else (start,)


class Router:
    """Finds the route of a request; templates are compiled when a path may be theirs."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._by_start: dict[tuple[str, str], list[Route]] = {}
        for route in self.routes:
            for start in _starts(route.template):
                self._by_start.setdefault((route.verb, start), []).append(route)

    def match(self, verb: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route and its path variables, or None."""
        start = path.removeprefix("/").partition("/")[0]
        for route in self._by_start.get((verb, start), ()):
            found = compile_template(route.template).match(path)
            if found:
                return route, found.groupdict()
        return None
