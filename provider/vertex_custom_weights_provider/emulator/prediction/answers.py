"""What the stand-in for a model says: the same every time, and never mistaken for a model's words.

Shapes are those of the serving container: its own `generate` format and OpenAI's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from vertex_custom_weights_provider.emulator.envelope import Json

_MOST_TOKENS = 4096


class Answer(msgspec.Struct, frozen=True):
    """A finished answer; a token is a word with the space before it."""

    prompt: str
    tokens: tuple[str, ...]
    cut: bool

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(self.tokens)

    @property
    def finish_reason(self) -> str:
        """Why it ended, in OpenAI's words."""
        return "length" if self.cut else "stop"

    @property
    def usage(self) -> Json:
        """Token counts, in OpenAI's form."""
        asked, said = len(self.prompt.split()), len(self.tokens)
        return {
            "prompt_tokens": asked,
            "completion_tokens": said,
            "total_tokens": asked + said,
        }


def answer(prompt: str, model: str, limit: object = None) -> Answer:
    """Answer a prompt, in at most `limit` tokens."""
    text = f"(vertex-custom-weights emulator: no model ran) {model} was asked: {prompt}"
    words = text.split(" ")
    tokens = [words[0], *(f" {word}" for word in words[1:])]
    most = limit if isinstance(limit, int) and limit > 0 else _MOST_TOKENS
    return Answer(prompt, tuple(tokens[:most]), cut=len(tokens) > most)


def _content(message: Json) -> str:
    """Return the text of a chat message; parts that are not text are named by their type."""
    content: Any = message.get("content")
    if not isinstance(content, list):
        return str(content or "")
    parts = [cast("Json", part) for part in cast("list[Any]", content) if isinstance(part, dict)]
    return " ".join(str(part.get("text", f"[{part.get('type', '?')}]")) for part in parts)


def last_user_message(messages: list[Json]) -> str:
    """Return what a chat's user said last."""
    for message in reversed(messages):
        if message.get("role") == "user":
            return _content(message)
    return _content(messages[-1]) if messages else ""


def _identity(prefix: str, body: Json) -> str:
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return f"{prefix}-{digest[:24]}"


def _chat(body: Json, model: str) -> Answer:
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    return answer(last_user_message(body.get("messages", [])), model, limit)


def chat(body: Json, model: str, created: int) -> Json:
    """Return a chat completion."""
    said = _chat(body, model)
    message = {"role": "assistant", "content": said.text}
    return {
        "id": _identity("chatcmpl", body),
        "object": "chat.completion",
        "created": created,
        "model": body.get("model") or model,
        "choices": [{"index": 0, "message": message, "finish_reason": said.finish_reason}],
        "usage": said.usage,
    }


def chat_stream(body: Json, model: str, created: int) -> Iterator[bytes]:
    """Return a chat completion as server-sent events, one token each."""
    said = _chat(body, model)
    head: Json = {
        "id": _identity("chatcmpl", body),
        "object": "chat.completion.chunk",
        "created": created,
        "model": body.get("model") or model,
    }

    def chunk(delta: Json, reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return event({**head, "choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    for token in said.tokens:
        yield chunk({"content": token})
    yield chunk({}, said.finish_reason)
    options: Json | None = body.get("stream_options")
    if options and options.get("include_usage"):
        yield event({**head, "choices": [], "usage": said.usage})
    yield b"data: [DONE]\n\n"


def event(body: Json) -> bytes:
    """Write one server-sent event."""
    return b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n"


def completion(body: Json, model: str, created: int) -> Json:
    """Return a text completion."""
    said = answer(str(body.get("prompt", "")), model, body.get("max_tokens"))
    choice = {"index": 0, "text": said.text, "finish_reason": said.finish_reason}
    return {
        "id": _identity("cmpl", body),
        "object": "text_completion",
        "created": created,
        "model": body.get("model") or model,
        "choices": [choice],
        "usage": said.usage,
    }


def prediction(instance: object, model: str) -> str:
    """Answer one instance of a predict call, wrapped as the container does unless told not to."""
    fields: Json = cast("Json", instance) if isinstance(instance, dict) else {"prompt": instance}
    prompt = str(fields.get("prompt") or fields.get("text") or json.dumps(fields, sort_keys=True))
    said = answer(prompt, model, fields.get("max_tokens")).text
    return said if fields.get("raw_response") is True else f"Prompt:\n{prompt}\nOutput:\n{said}"


def prediction_stream(instance: object, model: str) -> Iterator[bytes]:
    """Answer one instance as server-sent events, one token each."""
    fields: Json = cast("Json", instance) if isinstance(instance, dict) else {"prompt": instance}
    said = answer(str(fields.get("prompt", "")), model, fields.get("max_tokens"))
    for token in said.tokens:
        yield event({"predictions": [token]})
