"""What the serving container makes of a request that it cannot read."""

from __future__ import annotations

from typing import Any, cast

from vertex_custom_weights_provider.emulator.envelope import Json


def problem(body: Json) -> Json | None:
    """Return the container's refusal of a body, or None if it can be answered."""
    for part, message in (
        ("messages", _messages(body)),
        ("stream_options", _stream_options(body)),
        ("max_tokens", _tokens(body, "max_tokens")),
        ("max_completion_tokens", _tokens(body, "max_completion_tokens")),
        ("instances", _instances(body)),
    ):
        if message:
            return _refusal(part, message)
    return None


def _refusal(part: str, message: str) -> Json:
    error = {"message": message, "type": "BadRequestError", "param": part, "code": 400}
    return {"error": error}


def _messages(body: Json) -> str:
    if "messages" not in body:
        return ""
    messages: Any = body["messages"]
    if not isinstance(messages, list):
        return "messages: Input should be a list of messages."
    for index, message in enumerate(cast("list[Any]", messages)):
        if not isinstance(message, dict) or "role" not in message:
            return f"messages[{index}]: Input should be an object with a role."
    return ""


def _stream_options(body: Json) -> str:
    options = body.get("stream_options")
    if options is None:
        return ""
    if not isinstance(options, dict):
        return "stream_options: Input should be an object."
    return "" if body.get("stream") else "Stream options can only be defined when `stream=True`."


def _tokens(body: Json, name: str) -> str:
    limit = body.get(name)
    if limit is None or (isinstance(limit, int) and limit >= 1):
        return ""
    return f"{name} must be a number of at least 1, got {limit}."


def _instances(body: Json) -> str:
    if "instances" in body and not isinstance(body["instances"], list):
        return "instances: Input should be a list."
    return ""
