"""Answers to v1 calls: state is kept as v1beta1 knows it, which has fields that v1 does not."""

from __future__ import annotations

from typing import Any, cast

from vertex_custom_weights_provider.emulator.envelope import Json
from vertex_custom_weights_provider.emulator.http.call import Call

from . import conformance
from .extract import Api, api_of

_OPERATION = "GoogleLongrunningOperation"


def render(call: Call, body: Json) -> Json:
    """Write a response in the version that was called."""
    if call.version == "v1" and call.method.startswith("aiplatform."):
        api = api_of(call.method, call.version)
        method = api.methods.get(call.method)
        if method is not None and method.response:
            body = _known(api, "@" + method.response, body)
    return conformance.write_body(call, body)


def _known(api: Api, word: str, value: Any) -> Any:
    """Return a value without the fields its message does not have."""
    word = word.removesuffix("!")
    if word.startswith("[]") and isinstance(value, list):
        return [_known(api, word[2:], item) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    fields = cast("Json", value)
    if word.startswith("{}"):
        return {key: _known(api, word[2:], item) for key, item in fields.items()}
    if not word.startswith("@"):
        return fields
    known = api.schemas[word[1:]]
    kept = {name: _known(api, known[name], item) for name, item in fields.items() if name in known}
    if word == "@" + _OPERATION and "response" in kept:
        kept["response"] = _payload(kept["response"])
    if word == "@DeployedModel" and not fields.get("enableContainerLogging"):
        kept["disableContainerLogging"] = True
    return kept


def _payload(response: Json) -> Json:
    """Return what an operation answers, cut down when v1 started it."""
    kind = str(response["@type"]).partition("google.cloud.aiplatform.v1.")[2]
    if not kind:
        return response
    api = api_of("aiplatform", "v1")
    return {"@type": response["@type"], **_known(api, "@" + kind, response)}
