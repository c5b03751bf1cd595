"""Taking over what exists, for all resources: `adopt` in place of a creation.

The object is read as an import reads it, and compared with what the program declares. What could
only be made anew is refused, in the preview already: adoption never deploys, and never replaces.
Then the object is claimed by labels, under its etag, and changed in place like any other resource.
Nothing is made, so whatever cuts an adoption off, the next one begins again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Generic

import msgspec
from msgspec.structs import replace

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import (
    Address,
    Endpoint,
    ForwardingRule,
    Json,
    Model,
    Named,
)
from vertex_custom_weights_provider.lifecycle.contract import Examined, Lifecycle, Live, Outputs
from vertex_custom_weights_provider.lifecycle.diff import Diff, compare, without_service_defaults
from vertex_custom_weights_provider.lifecycle.identity import ownership
from vertex_custom_weights_provider.lifecycle.lines import Line
from vertex_custom_weights_provider.lifecycle.steps import compute_objects
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.properties.base import Problem
from vertex_custom_weights_provider.properties.chosen_once import NAMES
from vertex_custom_weights_provider.properties.parsing import Parsed, S, load
from vertex_custom_weights_provider.properties.table import properties

# What leads to the object.
_LEADING = ("adopt", "project", "location", "region", "endpoint")
_DNS_SWITCH = "dedicatedEndpointDisabled"
# What no object can tell.
_UNTOLD = ("generation", "weightsFingerprint")
_REGIONAL = (Address, ForwardingRule)
_SHOWN = 160  # characters of a value in a message
_REFUSED = (errors.ConfigurationError, errors.ForeignOwner, errors.PermissionDenied)


class _Absent(errors.ConfigurationError):
    """What `adopt` names does not exist."""


class Found(msgspec.Struct, Generic[S], frozen=True):
    """An object that is to be adopted.

    Attributes:
        live: The object, as an import reads it.
        bearer: The thing in the cloud that bears our labels; None where there is none.
    """

    live: Live[S]
    bearer: Named | None


class Judged(msgspec.Struct, Generic[S], frozen=True):
    """The examination of a resource that is to adopt.

    Attributes:
        parsed: Its inputs, without `adopt` where a new object is made after all.
        examined: What was found out about them.
        outputs: Outputs that are known already.
    """

    parsed: Parsed[S]
    examined: Examined
    outputs: Outputs


def examine(
    lifecycle: Lifecycle[S], parsed: Parsed[S], urn: str | None, cloud: Cloud, *, replaced: bool
) -> Judged[S]:
    """Examine a resource that is to adopt.

    Args:
        lifecycle: Of the resource.
        parsed: Its inputs.
        urn: Whose the object will be.
        cloud: Where to look.
        replaced: Whether the resource was deleted in this very run, to be made again.
    """
    if not parsed.known(*_LEADING):
        examined = lifecycle.examine(parsed, {}, urn, cloud)
        return Judged(parsed, replace(examined, chosen=_without(examined.chosen, NAMES)), {})
    try:
        found = _find(lifecycle, parsed.spec, urn, cloud)
    except _REFUSED as refusal:
        if replaced and isinstance(refusal, _Absent):
            return _anew(lifecycle, parsed, urn, cloud)
        examined = lifecycle.examine(parsed, {}, urn, cloud)
        return Judged(parsed, _but(examined, Problem("adopt", str(refusal))), {})
    return _judged(lifecycle, parsed, found, urn, cloud)


def _judged(
    lifecycle: Lifecycle[S], parsed: Parsed[S], found: Found[S], urn: str | None, cloud: Cloud
) -> Judged[S]:
    """Say what will be changed in place, and refuse what cannot be."""
    imported = found.live.spec.wire()
    old = {} if found.bearer is None else imported
    examined = lifecycle.examine(_lenient(parsed), old, urn, cloud)
    kept = [key for key in NAMES if key in imported and not parsed.has(key) and parsed.known(key)]
    names = {key: imported[key] for key in kept}
    examined = replace(examined, chosen={**examined.chosen, **names})
    outputs = _without(found.live.outputs, ("incarnation",))
    if parsed.problems or examined.problems:
        return Judged(parsed, examined, outputs)
    diff = _compare(lifecycle, found, {**parsed.spec.wire(), **examined.chosen}, cloud)[1]
    known = Diff(tuple(c for c in diff.changes if c.path.split(".")[0] not in parsed.unknown))
    labels = found.bearer.labels if found.bearer else {}
    if known.renewing and ownership.owned(labels, urn):
        return _anew(lifecycle, parsed, urn, cloud, _superseding(found.live.id, known))
    if problems := tuple(_problems(found, known)):
        return Judged(parsed, _but(examined, *problems), outputs)
    notes = (*_announced(found.live.id, known), *examined.notes)
    return Judged(parsed, replace(examined, notes=notes), outputs)


def _anew(
    lifecycle: Lifecycle[S], parsed: Parsed[S], urn: str | None, cloud: Cloud, *notes: Line
) -> Judged[S]:
    """Judge a resource that adopted long ago and is being replaced: as if it did not adopt."""
    plain = replace(parsed, spec=parsed.spec.but(adopt=None))
    examined = lifecycle.examine(plain, {}, urn, cloud)
    return Judged(plain, replace(examined, notes=(*notes, *examined.notes)), {})


def _superseding(name: str, diff: Diff) -> Line:
    paths = ", ".join(change.path for change in diff.renewing)
    return Line(
        "adopt", f"{name} is this resource's own already, and differs in {paths}: a new one is made"
    )


def _lenient(parsed: Parsed[S]) -> Parsed[S]:
    """Have findings about the weights stop nothing: they are deployed already."""
    if getattr(parsed.spec, "preflight", "") is not None:
        return parsed
    return replace(parsed, spec=parsed.spec.but(preflight="warn"))


def _without(bag: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in bag.items() if key not in names}


def adopt(lifecycle: Lifecycle[S], spec: S, cloud: Cloud) -> Live[S]:
    """Claim the object, and bring it to what the program declares.

    Raises:
        errors.ConfigurationError: it does not exist, or could only be made anew to be so.
        errors.ForeignOwner: another program manages it.
    """
    owner: str | None = getattr(spec, "owner", None)
    found = _find(lifecycle, spec, owner, cloud)
    wanted = spec.but(adopt=None)
    seen, diff = _compare(lifecycle, found, wanted.wire(), cloud)
    if problems := tuple(_problems(found, diff)):
        raise errors.ConfigurationError("\n".join(f"{p.path}: {p.message}" for p in problems))
    by = ownership.Stamp(owner, ownership.new_incarnation(), cloud.state)
    outputs = dict(found.live.outputs)
    if found.bearer is not None:
        _claim(found, by, cloud)
        outputs["incarnation"] = by.incarnation
    done = lifecycle.update(found.live.id, seen, outputs, wanted, cloud)
    cloud.report.info(f"adopted {found.live.id}")
    return done


def _find(lifecycle: Lifecycle[S], spec: S, urn: str | None, cloud: Cloud) -> Found[S]:
    """Read what `adopt` names."""
    given: str = getattr(spec, "adopt")  # noqa: B009 - every resource's spec has it
    name = _spelled(given, spec.wire())
    said = {key: value for key, value in spec.wire().items() if key == "gcsUri"}
    live = lifecycle.read(name, None, said, cloud)
    if live is None:
        raise _Absent(
            f"{given} does not exist. Mend the name, or remove `adopt` to make a new object."
        )
    bearer = _bearer(live, cloud)
    if given != name:
        _same(given, name, cloud)
    if bearer is not None:
        _verify(name, bearer.labels, urn)
    return Found(live, bearer)


def _spelled(given: str, wire: Json) -> str:
    """Return the name with the project as the program writes it: tools often give its number.

    Raises:
        errors.ConfigurationError: the program's own properties lead elsewhere.
    """
    parts = given.split("/")
    if "endpoint" in wire or "deployedModels" in parts:
        endpoint = str(wire.get("endpoint", ""))
        rest = "/".join(parts[6:]) or "trafficSplit"
        if endpoint.split("/")[2:] != parts[2:6]:
            raise errors.ConfigurationError(
                f"{given} is not on endpoint {endpoint or '(none is given)'}. Set `endpoint` to "
                f"{'/'.join(parts[:6])}."
            )
        if rest == "trafficSplit" and "gcsUri" in wire:
            raise errors.ConfigurationError(
                f"{given} is an endpoint, and `endpoint` is given. Name what is deployed on it: "
                f"{given}/deployedModels/ID."
            )
        return f"{endpoint}/{rest}"
    place = "region" if "region" in wire else "location"
    if parts[3] != wire.get(place):
        raise errors.ConfigurationError(
            f"{given} is in {parts[3]}, but {place} is {wire.get(place)}. Make them agree."
        )
    return "/".join([parts[0], str(wire["project"]), *parts[2:]])


def _same(given: str, name: str, cloud: Cloud) -> None:
    """Refuse another project; its id and its number are two spellings of one."""
    one, other = (_named(spelling, cloud) for spelling in (given, name))
    if one is None or other is None or one.full_name != other.full_name:
        raise errors.ConfigurationError(
            f"{given} is another object than {name}, to which project and location lead. Make "
            "them agree."
        )


def _named(name: str, cloud: Cloud) -> Named | None:
    """Return the object of this name; of what is on an endpoint, that endpoint."""
    parts = name.split("/")
    kind = next((kind for kind in _REGIONAL if kind.collection == parts[4]), None)
    if kind is not None:
        return cloud.compute.find(kind, name)
    found = Model if parts[4] == Model.collection else Endpoint
    return cloud.vertex.find(found, "/".join(parts[:6]))


def _bearer(live: Live[Any], cloud: Cloud) -> Named | None:
    """Return what bears our labels: on an endpoint of somebody else's that is the model."""
    if live.id.endswith("/trafficSplit"):
        return None
    return _named(_bearer_name(live), cloud)


def _bearer_name(live: Live[Any]) -> str:
    return str(live.outputs["modelName"]) if "/deployedModels/" in live.id else live.id


def _verify(name: str, labels: Mapping[str, str], urn: str | None) -> None:
    """Refuse what another program manages."""
    if ownership.OWNER in labels and not ownership.owned(labels, urn):
        raise errors.ForeignOwner(
            f"{name} belongs to {ownership.holder(labels)} (project/stack/resource). Manage it "
            "there; or have that program let go of it (`pulumi state delete`), take its labels "
            f"{ownership.OWNER} and {ownership.INCARNATION} away, and adopt it then."
        )


def other_manager(live: Live[Any], urn: str, cloud: Cloud) -> str | None:
    """Return the `project/stack/resource` that an object names as its owner, if it is another."""
    bearer = _bearer(live, cloud)
    labels = bearer.labels if bearer else {}
    if ownership.OWNER not in labels or ownership.owned(labels, urn):
        return None
    return ownership.holder(labels)


def _claim(found: Found[Any], by: ownership.Stamp, cloud: Cloud) -> None:
    """Write our labels, unless somebody else was faster."""
    name = _bearer_name(found.live)

    def accept(bearer: Named) -> None:
        _verify(name, bearer.labels, by.owner)

    def stamped(bearer: Named) -> Mapping[str, Any]:
        accept(bearer)
        return objects.relabelled(bearer, None, by)

    match found.bearer:
        case Address() | ForwardingRule() as bearer:
            compute_objects.relabel(cloud, type(bearer), name, None, by, accept=accept)
        case Model():
            objects.patch(cloud, Model, name, stamped)
        case _:
            objects.patch(cloud, Endpoint, name, stamped)


def _compare(
    lifecycle: Lifecycle[S], found: Found[S], wanted: Json, cloud: Cloud
) -> tuple[S, Diff]:
    """Return the object as the program sees it, and what the program wants otherwise."""
    imported, outputs = found.live.spec.wire(), dict(found.live.outputs)
    required = {row.wire for row in properties(lifecycle.model) if row.required}
    # What a preview does not know yet is taken to be what is there.
    asked = load(
        lifecycle.model, {**{key: imported[key] for key in required if key in imported}, **wanted}
    )
    seen = lifecycle.read(found.live.id, asked, outputs, cloud)
    if seen is None:
        raise errors.ConfigurationError(f"{found.live.id} has just gone.")
    there = {**seen.spec.wire(), **_learnt(imported, asked.wire())}
    if container := asked.wire().get("containerSpec"):
        registered = cloud.vertex.find(Model, str(outputs.get("modelName")))
        live = registered.container_spec if registered else {}
        there["containerSpec"] = without_service_defaults(live, container)
    changes = compare(lifecycle.model, there, asked.wire()).changes
    told = tuple(change for change in changes if change.path not in _UNTOLD)
    return seen.spec, Diff(told)


def _learnt(imported: Json, asked: Json) -> Json:
    """Return what only an import reads, spelled as the program spells it where that is the same."""
    learnt: Json = {}
    # A private endpoint does not show whether it would have a DNS name.
    hidden = _DNS_SWITCH if "privateServiceConnectConfig" in imported else ""
    for key in (*NAMES, "gcsUri", _DNS_SWITCH):
        live, ours = imported.get(key), asked.get(key)
        same = live is None and not ours or key == hidden
        if isinstance(live, str) and isinstance(ours, str):
            same = live.rstrip("/") == ours.rstrip("/")
        learnt[key] = ours if same else live
    return learnt


def _problems(found: Found[Any], diff: Diff) -> Iterable[Problem]:
    """Yield what could only be made anew, one property each."""
    for change in diff.renewing:
        reason = change.mutability.reason
        yield Problem(
            change.path,
            f"is {_shown(change.new)} here, but {_shown(change.old)} on {found.live.id}, which "
            f"adopt names. It cannot be changed in place: {reason}. Write what is there to adopt "
            "it as it is, or remove `adopt` to make a new object beside it.",
        )


def _announced(name: str, diff: Diff) -> Iterable[Line]:
    yield Line("adopt", f"adopts {name}")
    for change in diff.changes:
        if not change.renews:
            yield Line(
                change.path,
                f"then changes {change.path} in place: {_shown(change.old)} becomes "
                f"{_shown(change.new)}",
            )


def _shown(value: Any) -> str:
    if value is None:
        return "not set"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _but(examined: Examined, *problems: Problem) -> Examined:
    return replace(examined, problems=(*examined.problems, *problems))
