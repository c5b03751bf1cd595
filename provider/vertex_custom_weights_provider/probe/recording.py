"""What was asked and answered in one run, without names of anybody's, to be replayed later."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from .questions import Finding
from .session import Exchange, Session

_NUMBER = re.compile(r"projects/(\d{6,})")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


class Call(msgspec.Struct, frozen=True):
    """One request and its answer; URLs as they were sent."""

    verb: str
    url: str
    params: dict[str, str]
    body: dict[str, Any] | None
    status: int
    answer: dict[str, Any]


class Recording(msgspec.Struct, frozen=True):
    """One run of the probe.

    Attributes:
        date: Day of the run.
        region: Where it was.
        suffix: What the names of that run end in.
        findings: What became of each statement.
        calls: All that was asked and answered, in order.
    """

    date: str
    region: str
    suffix: str
    findings: tuple[Finding, ...]
    calls: tuple[Call, ...]

    @classmethod
    def of(cls, session: Session, findings: Iterable[Finding], date: str) -> Recording:
        """Return the recording of a run, with names of projects and people replaced."""
        calls = [_call(exchange) for exchange in session.exchanges]
        raw = cls(date, session.region, session.suffix, tuple(findings), tuple(calls))
        text = msgspec.json.encode(raw).decode()
        return msgspec.json.decode(_anonymous(text, session.project), type=cls)

    @classmethod
    def read(cls, path: Path) -> Recording:
        """Return the recording in a file.

        Raises:
            msgspec.DecodeError: it is none.
        """
        return msgspec.json.decode(path.read_bytes(), type=cls)

    def write(self, path: Path) -> None:
        """Write it, as a person reads it."""
        text = json.dumps(msgspec.to_builtins(self), indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")


def replay(recording: Recording, findings: Iterable[Finding]) -> Iterator[str]:
    """Yield a sentence for each statement of which another cloud makes something else.

    Args:
        recording: What was seen of one cloud.
        findings: What was seen of the other, by the same questions.
    """
    other = {finding.statement: finding for finding in findings}
    for seen in recording.findings:
        now = other.get(seen.statement)
        if now is None:
            yield f"{seen.statement} Nobody asks for it any more."
        elif "not seen" not in (seen.verdict, now.verdict) and seen.verdict != now.verdict:
            yield (
                f"{seen.statement} Recorded on {recording.date}: {seen.verdict} ({seen.seen}); "
                f"here: {now.verdict} ({now.seen})."
            )


def _call(exchange: Exchange) -> Call:
    body = dict(exchange.body) if exchange.body is not None else None
    params = dict(exchange.params)
    return Call(exchange.verb, exchange.url, params, body, exchange.status, exchange.answer)


def _anonymous(text: str, project: str) -> str:
    """Replace the project's id and number, and addresses of people."""
    text = re.sub(rf"(?<![\w-]){re.escape(project)}(?![\w-])", "PROJECT", text)
    for number in set(_NUMBER.findall(text)):
        text = text.replace(number, "100000000000")
    return _ADDRESS.sub("somebody@example.com", text)
