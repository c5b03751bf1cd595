"""What `pulumi preview --json` says, as a model; every other module of this package builds on it.

Property values stay as the preview gives them (secrets come as `[secret]`), and are read by name in
few places. Only names, addresses, machines and counts of our own resources are ever shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.lifecycle import lines
from vertex_custom_weights_provider.report.reading.urns import Urn

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for a value that only the update will know."""

Bag = Mapping[str, Any]
_KEYS = frozenset({"steps", "diagnostics", "changeSummary"})
_SEVERITIES = {"error": "error", "warning": "warn"}
_PREFIXES = ("error: ", "warning: ", "Preview failed: ")


class Action(StrEnum):
    """What is going to happen to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    IMPORT = "import"
    SAME = "same"


# In the order in which they win when the engine lists several steps of one resource.
_ACTIONS: tuple[tuple[Action, frozenset[str]], ...] = (
    (Action.REPLACE, frozenset({"replace", "create-replacement", "import-replacement"})),
    (Action.REPLACE, frozenset({"read-replacement"})),
    (Action.IMPORT, frozenset({"import"})),
    (Action.CREATE, frozenset({"create"})),
    (Action.UPDATE, frozenset({"update"})),
    (Action.SAME, frozenset({"same", "read"})),
    (Action.DELETE, frozenset({"delete", "delete-replaced", "discard", "discard-replaced"})),
)


@dataclass(frozen=True)
class State:
    """A resource as it is or will be.

    Attributes:
        urn: Its URN, which a rename changes.
        parent: URN of its parent, empty for the stack.
        inputs: Checked inputs.
        outputs: All outputs; none in a preview of something new.
        depends: URNs of what each property was made from.
        protected: Pulumi refuses to delete it.
    """

    urn: str
    parent: str = ""
    inputs: Bag = field(default_factory=dict[str, Any])
    outputs: Bag = field(default_factory=dict[str, Any])
    depends: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    protected: bool = False

    def text(self, key: str) -> str:
        """Return a text among outputs and inputs; empty when absent or not known yet."""
        return text(self.outputs.get(key)) or text(self.inputs.get(key))


@dataclass(frozen=True)
class Resource:
    """A resource of the program and what happens to it.

    Attributes:
        urn: As the program names it now; of a deleted one, as it was.
        action: What happens.
        old: As it is; None when new.
        new: As it will be; None when deleted.
        replaced_by: Properties that the engine gives as the cause of a replacement.
        drifted: Properties that a refresh found changed.
        gone: A refresh found that it does not exist any more.
    """

    urn: Urn
    action: Action
    old: State | None = None
    new: State | None = None
    replaced_by: tuple[str, ...] = ()
    drifted: tuple[str, ...] = ()
    gone: bool = False

    @property
    def state(self) -> State:
        """How it will be, or of a deleted one, was."""
        return self.new or self.old or State(str(self.urn))

    @property
    def unsure(self) -> bool:
        """Whether only the update can tell if it is replaced: a value that would ask is unknown.

        Previews announce the replacement all the same.
        """
        if self.action is not Action.REPLACE or self.new is None or not self.replaced_by:
            return False
        roots = (path.split(".", 1)[0] for path in self.replaced_by)
        return all(self.new.inputs.get(root) == UNKNOWN for root in roots)

    @property
    def renamed_from(self) -> str:
        """The name it had, when the program has renamed it."""
        if self.old is None or self.new is None or self.old.urn == self.new.urn:
            return ""
        former = Urn.parse(self.old.urn).name
        return former if former != self.urn.name else ""


@dataclass(frozen=True)
class Line:
    """One diagnostic: severity `error`, `warn` or `info`, URN it belongs to, or none.

    `id` is the rule or property that a line of our provider stands for, empty for others.
    """

    severity: str
    urn: str
    text: str
    id: str = ""


@dataclass(frozen=True)
class Preview:
    """A preview of one stack.

    Attributes:
        project: Pulumi project.
        stack: Stack name.
        resources: Without the stack itself and providers, in the engine's order.
        lines: What engine and providers said.
        unseen: Unchanged resources that the preview counts and does not list.
        failed: The preview ended with an error, so that resources may be missing.
        config: The stack's configuration.
    """

    project: str
    stack: str
    resources: tuple[Resource, ...] = ()
    lines: tuple[Line, ...] = ()
    unseen: int = 0
    failed: bool = False
    config: Bag = field(default_factory=dict[str, Any])


def text(value: Any) -> str:
    """Return a known text; anything else is empty."""
    return value if isinstance(value, str) and value not in (UNKNOWN, "[secret]") else ""


def bag(value: Any) -> Bag:
    """Return an object; anything else is an empty one."""
    return cast("Bag", value) if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """Return a list; anything else is an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def read_preview(document: str, *, failed: bool = False, extra: tuple[Line, ...] = ()) -> Preview:
    """Parse what `pulumi preview --json` printed.

    Args:
        document: One JSON object.
        failed: The command ended with an error.
        extra: Lines from elsewhere.

    Raises:
        ConfigurationError: it is something else.
    """
    try:
        found: Any = json.loads(document)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not _KEYS.intersection(cast("Bag", found)):
        raise errors.ConfigurationError(
            "This is not what `pulumi preview --json` prints: one JSON object with steps. Run it "
            "without PULUMI_ENABLE_STREAMING_JSON_PREVIEW, and pass nothing but standard output."
        )
    data = cast("dict[str, Any]", found)
    steps = [bag(step) for step in items(data.get("steps"))]
    said = (*_lines(items(data.get("diagnostics"))), *extra)
    resources, stack = _resources(steps)
    counted = bag(data.get("changeSummary")).get("same")
    shown = sum(1 for step in steps if step.get("op") == "same")
    return Preview(
        project=stack.project,
        stack=stack.stack,
        resources=resources,
        lines=said,
        unseen=max(int(counted) - shown, 0) if isinstance(counted, int | float) else 0,
        failed=failed or any(line.severity == "error" for line in said),
        config=bag(data.get("config")),
    )


def _lines(diagnostics: Iterable[Any]) -> Iterable[Line]:
    for entry in map(bag, diagnostics):
        message = text(entry.get("message")).strip()
        if message:
            severity = _SEVERITIES.get(text(entry.get("severity")), "info")
            yield _line(severity, text(entry.get("urn")), message)


def _line(severity: str, urn: str, message: str) -> Line:
    """Take a line apart: what the engine, then our provider, put in front of it, and its id."""
    for prefix in _PREFIXES:
        message = message.removeprefix(prefix)
    message = message.removeprefix(f"{Urn.parse(urn).name}: " if urn else "").strip()
    if severity == "error":
        return Line(severity, urn, message)  # of several sentences each has its own id
    found = lines.read(message)
    return Line(severity, urn, found.text, found.id)


def _resources(steps: list[Bag]) -> tuple[tuple[Resource, ...], Urn]:
    by_urn: dict[str, list[Bag]] = {}
    stack = Urn("", "", (), "")
    for step in steps:
        urn = Urn.parse(text(step.get("urn")))
        stack = stack if stack.stack else urn
        if not urn.type.startswith("pulumi:"):
            by_urn.setdefault(str(urn), []).append(step)
    return tuple(_resource(Urn.parse(urn), found) for urn, found in by_urn.items()), stack


def _resource(urn: Urn, steps: list[Bag]) -> Resource:
    """Make one resource of all steps of one URN."""
    ops = {text(step.get("op")) for step in steps}
    refreshed = next((step for step in steps if step.get("op") == "refresh"), None)
    action = next((action for action, names in _ACTIONS if names & ops), Action.SAME)
    planned = [step for step in steps if step is not refreshed] or steps
    olds = [state for step in planned if (state := _state(step.get("oldState")))]
    news = [state for step in planned if (state := _state(step.get("newState")))]
    new = None if action is Action.DELETE or not news else news[0]
    reasons = (text(path) for step in planned for path in items(step.get("replaceReasons")))
    return Resource(
        urn=urn,
        action=action,
        old=None if action in (Action.CREATE, Action.IMPORT) or not olds else olds[0],
        new=new,
        replaced_by=tuple(dict.fromkeys(filter(None, reasons))),
        drifted=_drift(refreshed) if refreshed else (),
        gone=refreshed is not None and not refreshed.get("newState"),
    )


def _drift(step: Bag) -> tuple[str, ...]:
    """Return the inputs that a refresh found different; of what it only reads nobody asks."""
    old, new = _state(step.get("oldState")), _state(step.get("newState"))
    if old is None or new is None:
        return ()
    keys = dict.fromkeys((*old.inputs, *new.inputs))
    changed = (key for key in keys if old.inputs.get(key) != new.inputs.get(key))
    return tuple(key for key in changed if not key.startswith("__"))


def _state(value: Any) -> State | None:
    found = bag(value)
    if not found:
        return None
    depends = {
        key: tuple(text(urn) for urn in items(urns))
        for key, urns in bag(found.get("propertyDependencies")).items()
    }
    return State(
        urn=text(found.get("urn")),
        parent=text(found.get("parent")),
        inputs=bag(found.get("inputs")),
        outputs=bag(found.get("outputs")),
        depends=depends,
        protected=found.get("protect") is True,
    )
