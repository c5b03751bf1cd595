"""Requests that the published contract allows or nearly allows, made at random from a seed.

Paths, query parameters and bodies follow the contract's extract; now and then a value is exchanged
for one that no client should send. Half the names are of things that exist.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from vertex_custom_weights_provider import emulator

_CONTRACT = Path(emulator.__file__).parent / "contract" / "contract.json"
_DEEP: Any = []
for _ in range(90):
    _DEEP = [_DEEP]

ODD: tuple[Any, ...] = (
    *(
        "",
        " ",
        "²",
        "٣",
        "-1",
        "0",
        "1e400",
        "NaN",
        "null",
        "9" * 400,
        "9" * 5000,
        "18446744073709551616",
    ),
    *("\ud800", "\0", "\u202e", "é" * 300, "x" * 3000, "a/b", "../..", "projects/p", "projects//x"),
    *(
        "(",
        ")",
        "((((",
        '"',
        "'",
        "*",
        "a=",
        "=a",
        "NOT",
        "a=b OR",
        "(a+)+$",
        "^(a|a)*$",
        "a:*",
        "%",
        "%00",
    ),
    *("(" * 120, "a(" * 120, "a/" * 120, "labels.", "labels.x.y", "displayName.x", ",", ",,", "."),
    *("AA==", "!!", "-MQ==", "MTIz", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "wrI="),
    *(0, -1, 1, 0.5, 1e308, -1e308, 2**31, 2**63, 2**64, 10**30, True, False, None),
    *([], {}, [None], [[]], {"": ""}, {"a": None}, {"a": {"b": []}}, _DEEP, ["x", 1, None]),
)
_FILTERS = (
    *("labels.a=b", "displayName=x AND labels.a:*", "NOT endpoint=x", "name=a*", "name eq a.*b"),
    *(
        '(name eq ".*")',
        "name ne (a|b)+",
        "a=b OR c=d",
        "x<1",
        'labels.a="' + "\\" * 99,
        "a=b " * 900,
    ),
    " AND ".join(f"labels.k{n}=v" for n in range(100)),
    "name eq " + "(a*)*" * 20 + "b",
)
_PLAIN = {"bool": True, "duration": "600s", "timestamp": "2026-01-01T00:00:00Z", "struct": {"a": 1}}
_MACHINES = ("g2-standard-12", "a3-highgpu-8g", "n1-standard-4", "x9-nothing")


class Request(NamedTuple):
    """A request; `body` is sent as it is."""

    verb: str
    host: str
    path: str
    query: dict[str, str]
    body: bytes | None


class Maker:
    """Makes requests from a seed; `names` holds what exists, by collection."""

    def __init__(self, seed: int, names: dict[str, list[str]]) -> None:
        self.random = random.Random(seed)  # noqa: S311 - to be repeated, not secret
        self.names = names
        self.apis: dict[str, Any] = json.loads(_CONTRACT.read_text("utf-8"))
        self.methods = [
            (api, method) for api, content in self.apis.items() for method in content["methods"]
        ]

    def requests(self) -> Iterator[Request]:
        """Yield requests without end."""
        while True:
            yield self._admin() if self.random.random() < 0.05 else self._request()

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _request(self) -> Request:
        api, method = self.random.choice(self.methods)
        content = self.apis[api]["methods"][method]
        query = {
            name: self._parameter(name)
            for name in (*content["query"], "fields", "$alt", "alt", "readMask", "strange")
            if self._chance(0.3 if name in content["query"] else 0.05)
        }
        if "timeout" in content["query"]:
            query["timeout"] = self.random.choice(("0s", "0.05s", "²s", "x", "-1s", "1" * 400))
        schema = content.get("request")
        body = self._body(api, schema) if schema or content["http"] == "POST" else None
        return Request(content["http"], self._host(api), self._path(api, content), query, body)

    def _host(self, api: str) -> str:
        usual = {
            "compute": "compute.googleapis.com",
            "storage": "storage.googleapis.com",
            "aiplatform": "us-central1-aiplatform.googleapis.com",
        }[api.partition(".")[0]]
        odd = (
            "10.0.0.2",
            "localhost",
            "[::1]",
            "a..b",
            "x" * 200,
            "e.us-central1-1.prediction.vertexai.goog",
        )
        return self.random.choice(odd) if self._chance(0.05) else usual

    def _path(self, api: str, content: dict[str, Any]) -> str:
        family, version = api.split(".")
        prefix = {"compute": "/compute/v1/", "storage": "/storage/v1/"}.get(family, f"/{version}/")
        parts: list[str] = []
        for part in content["path"].split("/"):
            name, brace, verb = part.partition("}")
            parts.append(self._segment(name.strip("{+"), parts) + verb if brace else part)
        return prefix + "/".join(parts)

    def _segment(self, variable: str, before: list[str]) -> str:
        if self._chance(0.03):
            return str(self.random.choice(ODD)) or "x"
        collection = before[-1] if before else ""
        known = {"projects": ["my-proj", "other"], "locations": ["us-central1"]}
        known |= {"regions": ["us-central1"], "b": ["weights"], "o": ["llama/config.json"]}
        return self.random.choice(known.get(collection) or self.names.get(collection) or ["x1"])

    def _parameter(self, name: str) -> str:
        if name == "filter" and self._chance(0.7):
            return self.random.choice(_FILTERS)
        if "ask" in name and self._chance(0.6):
            return self.random.choice(
                ("displayName", "labels", "labels.a", "trafficSplit", "deployedModel.id", "a.b.c")
            )
        if name == "$alt":
            return "json;enum-encoding=int"
        value = self.random.choice(ODD)
        return value if isinstance(value, str) else json.dumps(value)

    def _body(self, api: str, schema: str | None) -> bytes:
        if self._chance(0.04):
            return self.random.choice(
                (
                    b"",
                    b"{",
                    b"[]",
                    b"\xff",
                    b'"\\' * 5000,
                    b"[" * 5000,
                    b'{"a":1,}',
                    b"null",
                    b"NaN",
                )
            )
        value = (
            self._message(api, schema, 0) if schema else {"instances": self._odd(), "messages": 1}
        )
        if not schema and self._chance(0.5):
            value = {
                key: self._odd()
                for key in (
                    "instances",
                    "messages",
                    "prompt",
                    "max_tokens",
                    "stream",
                    "stream_options",
                )
                if self._chance(0.5)
            }
        return json.dumps(value).encode("utf-8")

    def _odd(self) -> Any:
        return self.random.choice(ODD)

    def _message(self, api: str, schema: str, depth: int) -> dict[str, Any]:
        fields = self.apis[api]["schemas"].get(schema, {})
        wanted = 0.5 if depth < 3 else 0.15
        return {
            name: self._value(api, name, word.removesuffix("!"), depth)
            for name, word in fields.items()
            if name != "|" and self._chance(wanted if not word.endswith("!") else 0.02)
        }

    def _value(self, api: str, name: str, word: str, depth: int) -> Any:
        if self._chance(0.03):
            return self._odd()
        if word.startswith("[]"):
            return [
                self._value(api, name, word[2:], depth + 1)
                for _ in range(self.random.randint(0, 2))
            ]
        if word.startswith("{}"):
            return {self._text("key"): self._value(api, name, word[2:], depth + 1)}
        if word.startswith("@"):
            return self._message(api, word[1:], depth + 1) if depth < 6 else {}
        if word.startswith("#"):
            return self.random.choice(list(self.apis[api]["enums"][word[1:]]))
        return self._plain(name, word)

    def _plain(self, name: str, word: str) -> Any:
        if word in ("string", "bytes", "fieldmask"):
            return self._text(name)
        if word == "any":
            return self._odd()
        return _PLAIN.get(word, self.random.randint(0, 4))

    def _text(self, name: str) -> str:
        """A likely value of a text field."""
        likely: dict[str, list[str]] = {
            "gcsUri": ["gs://weights/llama", "gs://nowhere/x"],
            "machineType": list(_MACHINES),
            "model": [
                f"projects/my-proj/locations/us-central1/models/{m}" for m in self.names["models"]
            ],
            "deployedModelId": self.names["deployedModels"],
            "id": self.names["deployedModels"],
            "updateMask": [
                "dedicatedResources.minReplicaCount",
                "dedicatedResources.autoscalingMetricSpecs.x",
            ],
            "target": self.names["targets"],
            "network": ["projects/my-proj/global/networks/default"],
            "IPAddress": ["a1", "10.0.0.9"],
            "name": [f"n{self.random.randint(0, 9)}"],
            "projectAllowlist": ["my-proj", "projects/other", "projects/p"],
            "projectId": ["my-proj", "projects/other", "projects/p"],
            "displayName": ["shown"],
        }
        return self.random.choice(likely.get(name) or [f"x{self.random.randint(0, 99)}", "a"])

    def _admin(self) -> Request:
        choice = self.random.random()
        if choice < 0.5:
            body = {"advance": self.random.choice(("2s", "2s", "2s", "2s", "10m", "8d"))}
            return Request("POST", "localhost", "/_emulator/clock", {}, json.dumps(body).encode())
        verb, path = self.random.choice(
            (
                ("GET", "/_emulator/state"),
                ("GET", "/_emulator/log"),
                ("POST", "/_emulator/clock"),
                ("POST", "/_emulator/faults"),
                ("DELETE", "/_emulator/faults"),
                ("PUT", "/_emulator/scenarios/active"),
                ("DELETE", "/_emulator/scenarios/active"),
            )
        )
        keys = (
            "advance",
            "factor",
            "method",
            "times",
            "error",
            "delaySeconds",
            "operation",
            "quota",
        )
        odd = {key: self._odd() for key in keys if self._chance(0.3)}
        body = (
            json.dumps({**odd, "method": "none.such"}).encode() if verb in ("POST", "PUT") else None
        )
        query = {"after": self._parameter("after")} if path.endswith("log") else {}
        return Request(verb, "localhost", path, query, body)
