"""Routes: Google's URL templates, the method each serves, and where its behaviour is known from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal

import msgspec
from werkzeug.wrappers import Response

from vertex_custom_weights_provider.emulator.envelope import Json

if TYPE_CHECKING:
    from .call import Call

Access = Literal["read", "write", "none"]
Basis = Literal["contract", "documented", "reported", "assumed"]
Handler = Callable[["Call"], "Json | Response"]


class Note(msgspec.Struct, frozen=True):
    """One sentence about behaviour, and what it rests on."""

    basis: Basis
    text: str


def documented(text: str) -> Note:
    """Tag behaviour that Google's documentation states."""
    return Note("documented", text)


def reported(text: str) -> Note:
    """Tag behaviour that somebody observed on the real service."""
    return Note("reported", text)


def assumed(text: str) -> Note:
    """Tag behaviour that is our inference."""
    return Note("assumed", text)


class Route(msgspec.Struct, frozen=True):
    """One method of one API.

    Attributes:
        verb: HTTP method.
        template: The path, as discovery documents write it, with the version as `{version}`.
        method: Discovery id, such as `aiplatform.projects.locations.deploy`.
        access: `read` and `write` run the handler inside such a transaction; `none` outside any.
        body: `json` parses the body; `raw` passes it through untouched.
        prediction: Answered on an endpoint's own host (and, where allowed, on the shared one).
        basis: What the route's existence and shape rest on.
        notes: What else is known or assumed about its behaviour.
    """

    verb: str
    template: str
    method: str
    handler: Handler
    access: Access = "read"
    body: Literal["json", "raw"] = "json"
    prediction: bool = False
    basis: Basis = "contract"
    notes: tuple[Note, ...] = ()

    @property
    def legacy(self) -> bool:
        """Whether errors take the envelope of Compute and Cloud Storage."""
        return not self.method.startswith("aiplatform.")


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
