"""What a person sees during a deployment: Pulumi cuts each row of its table at the right edge."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .support.harness import Engine
from .support.terminal import shown
from .test_product import prepare

PARTS = {
    "vcw:m:Llama": "chat",
    "vcw:m:Deployment": "chat-llm",
    "vcw:m:Connection": "chat",
    "vcw:m:Address": "chat-ip",
    "vcw:m:Rule": "chat-fwd",
}
ENOUGH = 20


@pytest.mark.parametrize("columns", [80, 100, 120])
def test_a_terminal_shows_name_status_and_progress_of_each_resource(
    make_engine: Callable[..., Engine], columns: int
) -> None:
    engine = make_engine("narrow", project="shop")
    prepare(engine, deploy_seconds=4)
    engine.run("stack", "ls")  # which makes the stack
    log = engine.folder / "events.jsonl"
    command = ["pulumi", "up", "--yes", "--skip-preview", "--event-log", str(log)]
    pictures = shown(command, engine.folder, engine.environment, columns=columns)

    for token, name in PARTS.items():
        rows = [row for picture in pictures for row in picture if re.search(rf" {token} ", row)]
        working = [row for row in rows if re.search(rf" {name} +creating", row)]
        assert working, f"{name} is never seen at work on {columns} columns"
        assert re.search(rf" {name} +created", rows[-1]), rows[-1]
        for line in _progress(log, token):
            seen = line[:ENOUGH]
            assert any(seen in row for row in working), f"{seen!r} is not seen in {working[-1]!r}"
    assert [*_progress(log, "vcw:m:Deployment")]
    assert all(_room(picture, columns) >= ENOUGH for picture in pictures if _headed(picture))


def _progress(log: Path, token: str) -> Iterator[str]:
    """Yield what the engine was told of resources of a type while it worked on them."""
    for line in log.read_text().splitlines():
        told = json.loads(line).get("diagnosticEvent") or {}
        if told.get("ephemeral") and f"{token}::" in told.get("urn", ""):
            yield re.sub(r"<\{%.*?%\}>", "", told["message"]).strip()


def _headed(picture: list[str]) -> bool:
    return any(re.search(r"Type +Name", row) for row in picture)


def _room(picture: list[str], columns: int) -> int:
    """Return the characters that a row has for its progress; Pulumi leaves the last column free."""
    (header,) = (row for row in picture if re.search(r"Type +Name", row))
    if "Info" in header:
        return columns - 1 - header.index("Info")
    return columns if "Status" in header else 0
