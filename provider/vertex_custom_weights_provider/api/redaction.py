"""Credentials stay out of what is said: answers and broken connections may repeat what was sent.

Gateways explain refusals with the request's headers, services with its body, libraries with the
value they could not send. All of it would end up in errors, logs and state.
"""

from __future__ import annotations

import re
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, cast

HIDDEN = "[secret]"
_SHORTEST = 8  # below that a value is a switch or a count, and hiding it would garble messages
_LOOKS_SECRET = re.compile(
    r"(?i:\b(?:bearer|basic)\s+)[\w.+/=~-]{8,}"
    r"|\bya29\.[\w.-]+"
    r"|\beyJ[\w-]+\.[\w-]+(?:\.[\w-]+)?"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----",
    re.DOTALL,
)


class Hidden:
    """What one caller has sent and nobody may read again. Thread-safe."""

    def __init__(self) -> None:
        """Know nothing yet: only what looks like a credential is hidden."""
        self._lock = threading.Lock()
        self._forms: frozenset[str] = frozenset()

    def sent(self, headers: Mapping[str, str], body: Mapping[str, Any] | None) -> None:
        """Remember the credentials of a request: its token, and environment variables in it."""
        values = [headers.get("Authorization", "").rpartition(" ")[2], *_environment(body)]
        forms = {form for value in values if len(value) >= _SHORTEST for form in _forms(value)}
        with self._lock:
            self._forms |= forms

    def without(self, text: str) -> str:
        """Return a text in which credentials are hidden, spelled out or in base64."""
        for form in sorted(self._forms, key=len, reverse=True):
            text = text.replace(form, HIDDEN)
        return _LOOKS_SECRET.sub(HIDDEN, text)

    def throughout(self, value: Any) -> Any:
        """Return a JSON value with credentials hidden in every text."""
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, list):
            return [self.throughout(item) for item in cast("list[Any]", value)]
        if isinstance(value, Mapping):
            pairs = cast("Mapping[str, Any]", value).items()
            return {key: self.throughout(inner) for key, inner in pairs}
        return value


def _environment(body: Any) -> Iterator[str]:
    """Yield the values of all environment variables that a request sets."""
    if isinstance(body, list):
        for item in cast("list[Any]", body):
            yield from _environment(item)
    elif isinstance(body, Mapping):
        for key, inner in cast("Mapping[str, Any]", body).items():
            if key == "env" and isinstance(inner, list):
                yield from (str(each["value"]) for each in cast("list[Any]", inner))
            else:
                yield from _environment(inner)


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret as it is, and as base64 has it at each of the three places it may stand."""
    yield secret
    data = secret.encode()
    for offset in range(3):
        text = b64encode(b"\0" * offset + data).decode()
        # Characters that also hold bits of the neighbours are left out.
        yield text[-(-offset * 8 // 6) : (offset + len(data)) * 8 // 6]
