"""Write a response as the contract says: checked field by field, enums as numbers when asked."""

from __future__ import annotations

import re
from typing import Any, cast

import msgspec

from vertex_custom_weights_provider.emulator.envelope import Json

from .extract import Api, apis

_TYPE_URL = re.compile(r"type\.googleapis\.com/google\.cloud\.aiplatform\.(v1|v1beta1)\.(\w+)")
_EMPTY = "type.googleapis.com/google.protobuf.Empty"
_OPERATION = "GoogleLongrunningOperation"
_PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "bytes": str,
    "timestamp": str,
    "duration": str,
    "fieldmask": str,
    "int64": str,
    "uint64": str,
    "int32": int,
    "uint32": int,
    "double": (int, float),
    "float": (int, float),
    "bool": bool,
}


class ContractError(Exception):
    """The emulator was about to send something the published contract does not allow."""


class Encoder(msgspec.Struct):
    """Writes one response of one API.

    Attributes:
        enum_numbers: Write enums as numbers, as generated REST clients ask for.
        problems: What does not fit the contract, each with its path.
    """

    api: Api
    enum_numbers: bool = False
    problems: list[str] = msgspec.field(default_factory=list[str])

    def message(self, schema: str, value: object, path: str = "") -> Any:
        """One message."""
        if not isinstance(value, dict):
            return self._problem(path, f"is not a {schema}", value)
        fields = self.api.schemas[schema]
        found: Json = {}
        for name, item in cast("Json", value).items():
            below = f"{path}.{name}" if path else name
            if name not in fields:
                self.problems.append(f"{below}: {schema} has no such field")
            elif schema == _OPERATION and name in ("metadata", "response"):
                found[name] = self._payload(item, below)
            else:
                found[name] = self._value(fields[name].removesuffix("!"), item, below)
        return found

    def _payload(self, value: object, path: str) -> Any:
        """What an operation carries: a message that names its own type and version."""
        rest: Json = dict(cast("Json", value)) if isinstance(value, dict) else {}
        url = str(rest.pop("@type", ""))
        if url == _EMPTY:
            return {"@type": url} if not rest else self._problem(path, "is not empty", rest)
        match = _TYPE_URL.fullmatch(url)
        api = apis().get(f"aiplatform.{match[1]}") if match else None
        if match is None or api is None or match[2] not in api.schemas:
            return self._problem(path, f"has the unknown type {url!r}", rest)
        inner = Encoder(api, self.enum_numbers, self.problems)
        return {"@type": url, **inner.message(match[2], rest, path)}

    def _value(self, word: str, value: object, path: str) -> Any:
        if word in ("any", "struct"):
            return value
        shapes = {"[]": self._list, "{}": self._map}
        if word[:2] in shapes:
            return shapes[word[:2]](word[2:], value, path)
        kinds = {"@": self.message, "#": self._enum}
        if word[0] in kinds:
            return kinds[word[0]](word[1:], value, path)
        fits = isinstance(value, _PYTHON_TYPES[word])
        if not fits or (isinstance(value, bool) and word != "bool"):
            return self._problem(path, f"is not a {word}", value)
        return value

    def _list(self, word: str, value: object, path: str) -> Any:
        if not isinstance(value, list):
            return self._problem(path, "is not a list", value)
        items = cast("list[object]", value)
        return [self._value(word, v, f"{path}[{i}]") for i, v in enumerate(items)]

    def _map(self, word: str, value: object, path: str) -> Any:
        if not isinstance(value, dict):
            return self._problem(path, "is not a map", value)
        entries = cast("Json", value).items()
        return {k: self._value(word, v, f"{path}[{k}]") for k, v in entries}

    def _enum(self, name: str, value: object, path: str) -> Any:
        numbers = self.api.enums[name]
        if not isinstance(value, str) or value not in numbers:
            return self._problem(path, f"is no {name}", value)
        number = numbers[value]
        return number if self.enum_numbers and number is not None else value

    def _problem(self, path: str, fault: str, value: object) -> Any:
        self.problems.append(f"{path or 'body'}: {fault}: {value!r}")
        return value
