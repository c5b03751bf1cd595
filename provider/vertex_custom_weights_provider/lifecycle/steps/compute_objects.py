"""Addresses and forwarding rules: what both lifecycles do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import Json, Regional
from vertex_custom_weights_provider.api.names import last, path
from vertex_custom_weights_provider.lifecycle.diff import compare
from vertex_custom_weights_provider.lifecycle.identity import ids, lost_mark, ownership
from vertex_custom_weights_provider.lifecycle.steps.conditional_write import until_first
from vertex_custom_weights_provider.lifecycle.steps.making import Making, SoFar, make
from vertex_custom_weights_provider.lifecycle.steps.waiting import pauses
from vertex_custom_weights_provider.properties.base import Spec
from vertex_custom_weights_provider.properties.parsing import Parsed, S

R = TypeVar("R", bound=Regional)


def chosen_name(parsed: Parsed[S], old: Mapping[str, Any], urn: str | None) -> dict[str, Any]:
    """Choose the name: the old one while the resource lives, else from the owner alone.

    A replacement takes the same name, because the old object goes first.
    """
    if "name" in parsed.unknown or getattr(parsed.spec, "name", None):
        return {}
    if old.get("name"):
        return {"name": old["name"]}
    return {"name": ids.choose(urn)} if urn else {}


def absolute(reference: str, project: str, kind: str) -> str:
    """Complete a bare network or subnetwork name to `projects/...`."""
    return path(reference) if "/" in reference else f"projects/{project}/{kind}/{reference}"


def kept_spelling(
    given: Mapping[str, Any], old: Mapping[str, Any], kinds: Mapping[str, str]
) -> dict[str, Any]:
    """Return the spellings that state has, where the program now names the same objects otherwise.

    After an import state holds what the service writes, in full; programs abbreviate.

    Args:
        given: The program's inputs.
        old: Inputs in state.
        kinds: By property, where a bare name belongs: `global/networks`.
    """

    def meant(inputs: Mapping[str, Any], key: str) -> str:
        return absolute(str(inputs.get(key)), str(inputs.get("project")), kinds[key])

    both = (key for key in kinds if given.get(key) is not None and old.get(key) is not None)
    return {key: old[key] for key in both if meant(given, key) == meant(old, key)}


def spelled(live: str, known: str | None) -> str:
    """Return the program's spelling of a URL when it means the live one, else the live one."""
    if known is not None and (path(live) == path(known) or path(live).endswith(f"/{known}")):
        return known
    return path(live)


@dataclass(frozen=True)
class Claim(Making[R, R]):
    """An address or a rule: inserted, and labelled.

    Attributes:
        kind: Address or rule.
        body: What is inserted.
        verb: What this resource had done to it, when it is there already: `made`.
        check: Refuses what is there already and not ours to take.
        label: Writes our labels, and returns the object.
    """

    kind: type[R]
    body: Json
    verb: str
    check: Callable[[R], None]
    label: Callable[[], R]

    @property
    def doing(self) -> str:
        """What a status line says."""
        return f"making {last(self.name)}"

    def look(self) -> R | None:
        """Return the object as it is."""
        return self.cloud.compute.find(self.kind, self.name)

    def start(self) -> None:
        """Insert it; that is waited for at once, as it takes seconds."""
        self.cloud.compute.insert(self.name.rsplit("/", 1)[0], self.body)

    def accept(self, found: R, so_far: SoFar) -> R:
        """Label it; one that an earlier try has made must be as it is wanted."""
        if not so_far.asked:
            self.check(found)
            told = f"took over {self.name}, which this resource had {self.verb} before"
            self.cloud.report.info(told)
            lost_mark.stop_if_engine_gone(self.cloud)
        return self.label()


def claimed(claim: Claim[R]) -> R:
    """Make it, or take it over: a rule or an address is never looked for under another name."""
    made = make(claim)
    if made is None:
        raise errors.AlreadyExists(f"{claim.name} cannot be used", http_status=409)
    return made


def relabel(
    cloud: Cloud,
    kind: type[R],
    name: str,
    labels: Mapping[str, str] | None,
    by: ownership.Stamp,
    formerly: Mapping[str, str] | None = None,
    accept: Callable[[R], None] = lambda _: None,
) -> R:
    """Write our labels under the label fingerprint, keeping those of strangers.

    `accept` refuses an object that is not ours to label; it sees what the fingerprint is of.
    """

    def labelled() -> R:
        live = cloud.compute.find(kind, name)
        if live is None:
            raise errors.NotFound(f"{name} has gone", http_status=404)
        accept(live)
        wanted = ownership.restamp(live, labels, by, formerly)
        if wanted == live.labels:
            return live
        cloud.compute.set_labels(name, wanted, live.label_fingerprint)
        return cloud.compute.find(kind, name) or live

    return until_first(cloud, name, labelled, _changed_meanwhile)


def patch(cloud: Cloud, kind: type[R], name: str, change: Callable[[R], Json]) -> None:
    """Change an object under its fingerprint, reading again when somebody else was faster.

    `change` is given the object as it is and returns the fields to write; none means no call.
    """

    def changed() -> None:
        live = cloud.compute.find(kind, name)
        if live is not None and (fields := change(live)):
            cloud.compute.patch(name, {**fields, "fingerprint": live.fingerprint})

    until_first(cloud, name, changed, _changed_meanwhile)


def _changed_meanwhile(refused: errors.ApiError) -> bool:
    stale = isinstance(refused, (errors.ConditionNotMet, errors.Aborted))
    return stale or _may_pass(refused)


def mark(
    cloud: Cloud,
    kind: type[Regional],
    name: str,
    labels: Callable[[Mapping[str, str]], dict[str, str]],
) -> None:
    """Write what `labels` makes of the labels that are there; nothing when the object is gone."""

    def marked() -> None:
        live = cloud.compute.find(kind, name)
        if live is not None and (wanted := labels(live.labels)) != live.labels:
            cloud.compute.set_labels(name, wanted, live.label_fingerprint)

    with contextlib.suppress(errors.NotFound):
        until_first(cloud, name, marked, _changed_meanwhile)


def delete(cloud: Cloud, name: str, seconds: float) -> None:
    """Delete; wait while something still uses it."""
    deadline = cloud.clock.now() + min(seconds, 300)
    for pause in pauses():
        try:
            cloud.compute.delete(name)
        except errors.ApiError as refused:
            if not _may_pass(refused) or cloud.clock.now() >= deadline:
                raise
            cloud.report.status(f"{name} is still in use or busy, trying again")
            cloud.clock.sleep(pause)
        else:
            return


def _may_pass(refused: errors.ApiError) -> bool:
    """Tell whether an object is only in use, or busy with a change that runs."""
    reason = refused.status.lower().replace("_", "")
    return "inuse" in reason or "notready" in reason


def refuse_other(what: str, live: Spec, wanted: Spec) -> None:
    """Refuse to take over an object of ours that could only be replaced to be what is wanted.

    Raises:
        errors.ConfigurationError: it differs; the message says in what.
    """
    known = {key: value for key, value in live.wire().items() if key in wanted.wire()}
    fixed = [change.path for change in compare(type(wanted), known, wanted.wire()).replacing]
    if fixed:
        raise errors.ConfigurationError(
            f"{what} exists and was made by this resource, but with another {', '.join(fixed)}, "
            "which cannot be changed. Remove it, or set another name."
        )
