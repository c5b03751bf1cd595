"""Read a request body into canonical form, and refuse it in Google's words.

Canonical means: camelCase names, enums as names, 64-bit numbers as strings, durations as "600s",
no nulls, no fields that only the server sets. Clients send all the other spellings too: proto field
names, enum numbers, quoted numbers and booleans, durations as objects, one element for a list.
"""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from typing import Any, cast

import msgspec

from vertex_custom_weights_provider.emulator.envelope import ApiError, Json

from .extract import Api, Method, snake

# Google's durations end at ten thousand years.
_DURATION = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?s")
_INTEGER = re.compile(r"-?[0-9]+(\.0+)?")
_MOST_DIGITS = 25
_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
_WIDE = ("int64", "uint64")
_BOOLEANS = {"true": True, "false": False}
_SYSTEM_PARAMETERS = (
    *("access_token", "alt", "callback", "fields", "key", "oauth_token", "prettyPrint"),
    *("quotaUser", "uploadType", "upload_protocol", "userIp", "userProject"),
)
_TEXT = ("string", "bytes", "timestamp", "fieldmask")


class Violation(msgspec.Struct, frozen=True):
    """One thing wrong with a request, as `google.rpc.BadRequest` reports it."""

    field: str
    description: str


class Decoder(msgspec.Struct):
    """Reads one request of one API; collects every violation, not the first."""

    api: Api
    violations: list[Violation] = msgspec.field(default_factory=list[Violation])

    def body(self, method: Method, body: object) -> Json:
        """The canonical request body; path parameters repeated in it are dropped."""
        if method.request is None:
            return {}
        fields = body
        if isinstance(body, dict):
            repeated = {*method.in_path, *map(snake, method.in_path)}
            known = self.api.schemas[method.request]
            fields = {
                k: v
                for k, v in cast("Json", body).items()
                if not (k in repeated and k not in known)
            }
        return self.message(method.request, fields, method.body_root)

    def query(self, method: Method, query: dict[str, list[str]]) -> dict[str, str]:
        """The method's own query parameters in camelCase; system parameters are left out."""
        spellings = {snake(name): name for name in method.query} | {n: n for n in method.query}
        found: dict[str, str] = {}
        for key, values in query.items():
            if key in spellings:
                found[spellings[key]] = values[-1]
            elif not _is_system_parameter(key) and self.api.takes_snake_case:
                self._refuse(
                    "",
                    f'Invalid JSON payload received. Unknown name "{key}": Cannot bind query '
                    f"parameter. Field '{key}' could not be found in request message.",
                )
        return found

    def message(self, schema: str, value: object, path: str) -> Json:
        """One message."""
        if not isinstance(value, dict):
            self._invalid(path, self.api.type_url(schema), value)
            return {}
        fields, spellings = self.api.schemas[schema], self.api.spellings[schema]
        found: Json = {}
        for key, item in cast("Json", value).items():
            name = spellings.get(key)
            if name is None:
                self._unknown(key, path)
            elif item is not None and not fields[name].endswith("!"):
                decoded = self._value(fields[name], item, _join(path, snake(name)))
                if decoded is not None:
                    found[name] = decoded
        self._check_oneofs(fields.get("|", []), found, path)
        return found

    def _value(self, word: str, value: object, path: str) -> Any:
        if word in ("any", "struct"):
            return value
        if not word.startswith("[]") and _is_list(value):
            name = path.rsplit(".", 1)[-1]
            return self._refuse(
                path,
                f'Invalid JSON payload received. Unknown name "{name}"{_at(path)}: '
                "Proto field is not repeating, cannot start list.",
            )
        shapes = {"[]": self._list, "{}": self._map}
        if word[:2] in shapes:
            return shapes[word[:2]](word[2:], value, path)
        kinds = {"@": self.message, "#": self._enum}
        if word[0] in kinds:
            return kinds[word[0]](word[1:], value, path)
        return self._scalar(word, value, path)

    def _list(self, word: str, value: object, path: str) -> list[Any] | None:
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        return [self._value(word, v, f"{path}[{i}]") for i, v in enumerate(items)] or None

    def _map(self, word: str, value: object, path: str) -> Json | None:
        if not isinstance(value, dict):
            return self._invalid(path, "Map", value)
        entries = cast("Json", value).items()
        return {k: self._value(word, v, f"{path}[{k}]") for k, v in entries}

    def _scalar(self, word: str, value: object, path: str) -> Any:
        if word in _RANGES:
            return self._integer(word, value, path)
        if word == "duration":
            return self._duration(value, path)
        if word == "bool" and str(value).lower() in _BOOLEANS and isinstance(value, bool | str):
            return _BOOLEANS[str(value).lower()]
        if word in _TEXT and isinstance(value, str):
            return value
        if word in ("double", "float") and isinstance(value, int | float | str):
            with suppress(OverflowError, ValueError):
                number = float(value)
                if math.isfinite(number):
                    return number
        return self._invalid(path, f"TYPE_{word.upper()}", value)

    def _integer(self, word: str, value: object, path: str) -> int | str | None:
        low, high = _RANGES[word]
        if not isinstance(value, bool) and _INTEGER.fullmatch(str(value)):
            digits = str(value).split(".", 1)[0]
            number = int(digits) if len(digits) < _MOST_DIGITS else high + 1
            if low <= number <= high:
                return str(number) if word in _WIDE else number
        self._invalid(path, f"TYPE_{word.upper()}", value)
        return None

    def _enum(self, enum: str, value: object, path: str) -> str | None:
        numbers = self.api.enums[enum]
        if isinstance(value, str) and value in numbers:
            return value
        if value == "" and not self.api.takes_snake_case:
            return None
        if isinstance(value, int | float | str) and _INTEGER.fullmatch(str(value)):
            for name, number in numbers.items():
                if str(number) == str(value).split(".", 1)[0]:
                    return name
        self._invalid(path, self.api.type_url(enum), value)
        return None

    def _duration(self, value: object, path: str) -> str | None:
        if isinstance(value, str) and _DURATION.fullmatch(value):
            return value
        parts = cast("Json", value) if isinstance(value, dict) else None
        if parts is not None and set(parts) <= {"seconds", "nanos"}:
            with suppress(OverflowError, TypeError, ValueError):
                nanos = f"{int(parts.get('nanos', 0)):09d}".rstrip("0")
                text = f"{int(parts.get('seconds', 0))}{'.' + nanos if nanos else ''}s"
                if _DURATION.fullmatch(text):
                    return text
        self._invalid(path, "type.googleapis.com/google.protobuf.Duration", cast("object", value))
        return None

    def _check_oneofs(self, oneofs: list[list[str]], found: Json, path: str) -> None:
        for group in oneofs:
            present = [name for name in found if name in group]
            for name in present[1:]:
                target = _join(path, snake(name))
                self._refuse(
                    target,
                    f"Invalid value at '{target}' (oneof), oneof field is already set. "
                    f"Cannot set '{name}'.",
                )

    def _unknown(self, key: str, path: str) -> None:
        self._refuse(
            path,
            f'Invalid JSON payload received. Unknown name "{key}"{_at(path)}: Cannot find field.',
        )

    def _invalid(self, path: str, kind: str, value: object) -> None:
        shown = "{…}" if isinstance(value, dict | list) else json.dumps(value)
        self._refuse(path, f"Invalid value at '{path}' ({kind}), {shown}")

    def _refuse(self, path: str, description: str) -> None:
        self.violations.append(Violation(path, description))


def refusal(violations: list[Violation]) -> ApiError:
    """The 400 that lists every violation, with its `google.rpc.BadRequest` detail."""
    reported = [
        {"field": v.field, "description": v.description}
        if v.field
        else {"description": v.description}
        for v in violations
    ]
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": reported}
    message = "\n".join(v.description for v in violations)
    return ApiError.of("INVALID_ARGUMENT", message, [detail])


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_system_parameter(key: str) -> bool:
    return key.startswith("$") or key in _SYSTEM_PARAMETERS


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _at(path: str) -> str:
    return f" at '{path}'" if path else ""
