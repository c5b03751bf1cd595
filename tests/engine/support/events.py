"""What one run of the Pulumi CLI did, read from its event log rather than from its display."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

# The engine's own mark for a value that is not known yet, as it stands in the event log.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(frozen=True)
class Diagnostic:
    """One line under "Diagnostics": `resource` is the name it is attached to, or empty."""

    severity: str
    resource: str
    message: str


@dataclass(frozen=True)
class Step:
    """One operation on one resource, as planned by a preview or done by an update.

    Attributes:
        op: `create`, `same`, `update`, `replace`, `delete`, `refresh`, `import`, …
        name: Name in the program.
        type: Type token.
        id: Provider-assigned id; empty in a preview of a create.
        inputs: Checked inputs.
        outputs: Outputs; a value not known in a preview is `UNKNOWN`.
        replaces: Properties that force a replacement.
        detailed: Property path to kind of change (`add`, `update`, `update-replace`, …).
        failed: The operation ended in an error.
    """

    op: str
    name: str
    type: str
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    replaces: tuple[str, ...]
    detailed: Mapping[str, str]
    failed: bool


@dataclass(frozen=True)
class Run:
    """A finished run of the CLI."""

    command: str
    returncode: int
    stdout: str
    stderr: str
    seconds: float
    events: tuple[dict[str, Any], ...] = field(repr=False)

    @property
    def text(self) -> str:
        """Everything a person saw."""
        return f"{self.stdout}\n{self.stderr}"

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Finished steps, in order of completion, without stack and providers."""
        found = [_step(event) for event in self.events]
        return tuple(step for step in found if step and not step.type.startswith("pulumi:"))

    def step(self, name: str) -> Step:
        """Return the only step of resource `name`."""
        (step,) = (step for step in self.steps if step.name == name)
        return step

    def ops(self, name: str) -> list[str]:
        """Return every operation on resource `name`, in order."""
        return [step.op for step in self.steps if step.name == name]

    @cached_property
    def changes(self) -> dict[str, int]:
        """The engine's own summary (`{"create": 2, "same": 1}`), the stack itself included."""
        return self._last("summaryEvent").get("resourceChanges") or {}

    @property
    def unchanged(self) -> bool:
        """Whether nothing at all had to change."""
        return set(self.changes) <= {"same"}

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """Stack outputs as this run printed them; `UNKNOWN` where a preview cannot tell."""
        outputs: dict[str, Any] = {}
        for event in self.events:
            metadata = event.get("resOutputsEvent", {}).get("metadata", {})
            if metadata.get("type") == "pulumi:pulumi:Stack":
                outputs = (metadata.get("new") or {}).get("outputs") or {}
        return outputs

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Lines that stay on the screen: neither debug output nor passing status."""
        found = [event["diagnosticEvent"] for event in self.events if "diagnosticEvent" in event]
        return tuple(
            Diagnostic(line["severity"], _name(line.get("urn", "")), line["message"].strip())
            for line in found
            if line["severity"] != "debug" and not line.get("ephemeral")
        )

    def messages(self, severity: str) -> list[str]:
        """Return the texts of all diagnostics of one severity."""
        return [line.message for line in self.diagnostics if line.severity == severity]

    def _last(self, kind: str) -> dict[str, Any]:
        return next((event[kind] for event in reversed(self.events) if kind in event), {})


def read_events(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the events of a log; a killed CLI may have left half a line at its end."""
    if not path.exists():
        return ()
    lines = path.read_text().split("\n")
    return tuple(json.loads(line) for line in lines[:-1] if line)


def _step(event: Mapping[str, Any]) -> Step | None:
    for kind in ("resOutputsEvent", "resOpFailedEvent"):
        if kind in event:
            metadata = event[kind]["metadata"]
            break
    else:
        return None
    state = metadata.get("new") or metadata.get("old") or {}
    detailed = metadata.get("detailedDiff") or {}
    return Step(
        op=metadata["op"],
        name=_name(metadata["urn"]),
        type=metadata["type"],
        id=state.get("id", ""),
        inputs=state.get("inputs") or {},
        outputs=state.get("outputs") or {},
        replaces=tuple(metadata.get("keys") or ()),
        detailed={path: change["diffKind"] for path, change in detailed.items()},
        failed=kind == "resOpFailedEvent",
    )


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1] if urn else ""
