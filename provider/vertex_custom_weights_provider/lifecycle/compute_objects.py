"""Addresses and forwarding rules: what both lifecycles do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.lifecycle import ids, ownership
from vertex_custom_weights_provider.lifecycle.context import Cloud
from vertex_custom_weights_provider.lifecycle.waiting import pauses
from vertex_custom_weights_provider.rest import Json
from vertex_custom_weights_provider.spec.parsing import Parsed, S

_FINGERPRINT_ATTEMPTS = 6
_PREFIXES = (
    "https://www.googleapis.com/compute/v1/",
    "https://compute.googleapis.com/compute/v1/",
)


def chosen_name(parsed: Parsed[S], old: Mapping[str, Any], urn: str | None) -> dict[str, Any]:
    """Choose the name: the old one while the resource lives, else from the owner alone.

    A replacement takes the same name, because the old object goes first.
    """
    if "name" in parsed.unknown or getattr(parsed.spec, "name", None):
        return {}
    if old.get("name"):
        return {"name": old["name"]}
    return {"name": ids.choose(urn)} if urn else {}


def path(url: str) -> str:
    """Reduce a full or partial compute URL to `projects/...`."""
    for prefix in _PREFIXES:
        url = url.removeprefix(prefix)
    return url.split("/compute/v1/", 1)[-1]


def absolute(reference: str, project: str, kind: str) -> str:
    """Complete a bare network or subnetwork name to `projects/...`."""
    return path(reference) if "/" in reference else f"projects/{project}/{kind}/{reference}"


def spelled(live: str, known: str | None) -> str:
    """Return the program's spelling of a URL when it means the live one, else the live one."""
    if known is not None and (path(live) == path(known) or path(live).endswith(f"/{known}")):
        return known
    return path(live)


def relabel(
    cloud: Cloud,
    name: str,
    labels: Mapping[str, str] | None,
    owner: str | None,
    incarnation: str,
    formerly: Mapping[str, str] | None = None,
) -> Json:
    """Write our labels under the label fingerprint, keeping those of strangers."""
    for attempt in range(_FINGERPRINT_ATTEMPTS):
        live = cloud.compute.find(name)
        if live is None:
            raise errors.NotFound(f"{name} has gone", http_status=404)
        there: Mapping[str, str] = live.get("labels", {})
        others = ownership.foreign(there, labels, formerly)
        wanted = ownership.stamp(labels, owner, incarnation, others)
        if wanted == dict(there):
            return live
        try:
            cloud.compute.set_labels(name, wanted, live.get("labelFingerprint", ""))
        except (errors.ConditionNotMet, errors.Aborted):
            if attempt == _FINGERPRINT_ATTEMPTS - 1:
                raise
            cloud.clock.sleep(0.2 * (attempt + 1))
        else:
            return {**live, "labels": wanted}
    raise AssertionError  # the loop returns or raises


def delete(cloud: Cloud, name: str, held: str | None, seconds: float) -> None:
    """Delete unless a newer creation owns it; wait while something still uses it."""
    live = cloud.compute.find(name)
    if live is None:
        return
    if ownership.superseded(live.get("labels", {}), held):
        cloud.report.info(f"left {name} alone: a newer resource has taken it over")
        return
    deadline = cloud.clock.now() + min(seconds, 300)
    for pause in pauses():
        try:
            cloud.compute.delete(name)
        except errors.ApiError as refused:
            in_use = "inuse" in refused.status.lower().replace("_", "")
            if not in_use or cloud.clock.now() >= deadline:
                raise
            cloud.report.status(f"{name} is still in use, trying again")
            cloud.clock.sleep(pause)
        else:
            return


def held_incarnation(outputs: Mapping[str, Any], live: Json, *, imported: bool) -> str:
    """Return the token this state holds; an import takes over the one on the object."""
    if not imported and "incarnation" in outputs:
        return str(outputs["incarnation"] or "")
    return str(live.get("labels", {}).get(ownership.INCARNATION, ""))
