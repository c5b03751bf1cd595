"""The published contract of the emulated APIs, read from the extract `contract.json`.

Owns look-ups: which methods exist, which of them are served, and what their messages look like.
Reading a request into canonical form is `decoding`, checking a response is `encoding`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import msgspec

from vertex_custom_weights_provider.emulator.envelope import Json

_DELIMITER = re.compile(r"([/:])")
_UPPER = re.compile(r"(?<!^)([A-Z])")
_PATH_PREFIX = re.compile(
    r"/(?:(?P<aiplatform>v1|v1beta1|ui)|(?P<compute>compute)/v1|(?:download/)?(?P<storage>storage)/v1)"
    r"/(?P<rest>.*)"
)


class Method(msgspec.Struct, frozen=True):
    """One served method of one API version."""

    id: str
    http: str
    path: str
    in_path: tuple[str, ...]
    query: dict[str, str]
    request: str | None
    response: str | None

    @property
    def body_root(self) -> str:
        """Where Google's messages say the body starts: a resource is a field of the request."""
        if self.request is None or self.request.endswith("Request"):
            return ""
        return snake(self.request)


@dataclass(frozen=True)
class Api:
    """One version of one API."""

    name: str
    raw: Json = field(repr=False)

    @cached_property
    def methods(self) -> dict[str, Method]:
        """Served methods by discovery id."""
        return {
            name: Method(
                id=name,
                http=m["http"],
                path=m["path"],
                in_path=tuple(m["in_path"]),
                query=m["query"],
                request=m.get("request"),
                response=m.get("response"),
            )
            for name, m in self.raw["methods"].items()
        }

    @property
    def schemas(self) -> dict[str, Json]:
        """Messages by short name: field name to type word, plus oneofs under `|`."""
        return self.raw["schemas"]

    @property
    def enums(self) -> dict[str, dict[str, int | None]]:
        """Enum values with their numbers, null where none is published."""
        return self.raw["enums"]

    @property
    def takes_snake_case(self) -> bool:
        """Compute and Storage know one spelling; aiplatform reads proto names too."""
        return self.name.startswith("aiplatform")

    @cached_property
    def spellings(self) -> dict[str, dict[str, str]]:
        """Accepted spellings of each message's fields."""
        found: dict[str, dict[str, str]] = {}
        for schema, fields in self.schemas.items():
            names = [name for name in fields if name != "|"]
            found[schema] = {name: name for name in names}
            if self.takes_snake_case:
                found[schema] |= {snake(name): name for name in names}
        return found

    def type_url(self, name: str) -> str:
        """The type name that Google's messages print for a message or an enum."""
        api, version = self.name.split(".")
        package = f"google.cloud.{api}.{version}" if api == "aiplatform" else f"{api}.{version}"
        return f"type.googleapis.com/{package}.{name}"


def snake(name: str) -> str:
    """A camelCase name as the proto field it came from."""
    return _UPPER.sub(r"_\1", name).lower()


@cache
def apis() -> dict[str, Api]:
    """Every API version of the extract; read once, on first use (about 2 ms)."""
    text = Path(__file__).with_name("contract.json").read_text("utf-8")
    return {name: Api(name, raw) for name, raw in json.loads(text).items()}


def api_of(method_id: str, version: str) -> Api:
    """The API version that serves a method; compute and storage have one version each."""
    name = method_id.split(".", 1)[0]
    return apis()[f"{name}.{version if name == 'aiplatform' else 'v1'}"]


def unserved(http: str, path: str) -> str | None:
    """Discovery id of a published method that the emulator does not serve, or None."""
    prefix = _PATH_PREFIX.fullmatch(path)
    if prefix is None:
        return None
    call = _parts(f"{http} {prefix['rest']}")
    matches = (
        name for api, name, parts in _neighbours() if prefix[api] and _is_call_of(parts, call)
    )
    return next(matches, None)


@cache
def _neighbours() -> list[tuple[str, str, list[str]]]:
    return [
        (api.name.split(".")[0], name, _parts(template))
        for api in apis().values()
        for name, template in api.raw["neighbours"].items()
    ]


def _parts(call: str) -> list[str]:
    return _DELIMITER.split(call)


def _is_call_of(template: list[str], call: list[str]) -> bool:
    """Tell whether a call has the template's words; a variable stands for any one but none."""
    return len(template) == len(call) and all(
        bool(given) if part.startswith("{") else given == part
        for part, given in zip(template, call, strict=True)
    )
