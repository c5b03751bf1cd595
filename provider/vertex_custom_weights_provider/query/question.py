"""What is asked: the method, its body, and whether the answer comes in pieces."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TextIO, cast

from vertex_custom_weights_provider import errors

Kind = Literal["chat", "predict", "rawPredict", "streamRawPredict"]


@dataclass(frozen=True)
class Question:
    """One request to an endpoint.

    Attributes:
        kind: The API method: `chat` is the endpoint's `chat/completions`.
        body: The request's JSON object.
        stream: The answer comes as server-sent events.
    """

    kind: Kind
    body: Mapping[str, Any]
    stream: bool = False


def chat(
    prompt: str,
    *,
    system: str = "",
    max_tokens: int = 256,
    temperature: float | None = None,
    stream: bool = False,
) -> Question:
    """Ask for a chat completion."""
    first = [{"role": "system", "content": system}] if system else []
    body: dict[str, Any] = {
        "model": "",
        "messages": [*first, {"role": "user", "content": prompt}],
        "max_tokens": max_tokens,
    }
    if temperature is not None:
        body["temperature"] = temperature
    return Question("chat", body | ({"stream": True} if stream else {}), stream)


def predict(body: Any) -> Question:
    """Ask for predictions; a list alone is taken for the instances."""
    wanted = cast("Any", {"instances": body} if isinstance(body, list) else body)
    return Question("predict", _object(wanted, "--predict"))


def raw_predict(body: Any) -> Question:
    """Hand the body to the serving container as it is."""
    return Question("rawPredict", _object(body, "--raw-predict"))


def stream_raw_predict(body: Any) -> Question:
    """Hand the body to the serving container as it is; the answer comes in pieces."""
    return Question("streamRawPredict", _object(body, "--stream-raw-predict"), stream=True)


def body_of(given: str, stdin: TextIO) -> Any:
    """Read a request body: JSON as it stands, the path of a file that holds it, or `-`.

    Raises:
        ConfigurationError: it is none of these, or no JSON.
    """
    text, where = given, "the argument"
    if given == "-":
        text, where = stdin.read(), "standard input"
    elif not given.lstrip().startswith(("{", "[")):
        try:
            text, where = Path(given).read_text(encoding="utf-8"), given
        except OSError as error:
            raise errors.ConfigurationError(
                f"{given}: {error.strerror}. Give JSON, the path of a file that holds it, or - "
                "for standard input."
            ) from None
    try:
        return json.loads(text)
    except ValueError as error:
        raise errors.ConfigurationError(f"The body in {where} is not JSON: {error}.") from None


def _object(body: Any, option: str) -> Mapping[str, Any]:
    if isinstance(body, dict):
        return body  # pyright: ignore[reportUnknownVariableType] - JSON
    raise errors.ConfigurationError(f"{option} takes a JSON object, not {type(body).__name__}.")
