"""What callers notice of a planned change, resource by resource.

A sentence stands here only where it is true of everything that leads to it: tests compare them with
what an update then did. What the preview cannot know is left out or said to depend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import msgspec

from vertex_custom_weights_provider.lifecycle.diff import Diff
from vertex_custom_weights_provider.lifecycle.lines import Line
from vertex_custom_weights_provider.lifecycle.status import Status, status_of
from vertex_custom_weights_provider.properties.base import Spec
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.endpoint import EndpointSpec
from vertex_custom_weights_provider.properties.psc_address import PscAddressSpec
from vertex_custom_weights_provider.properties.psc_forwarding_rule import PscForwardingRuleSpec
from vertex_custom_weights_provider.properties.traffic_split import TrafficSplitSpec

Bag = Mapping[str, Any]
_RESOURCES = "dedicatedResources"
_REPLICAS = (f"{_RESOURCES}.minReplicaCount", f"{_RESOURCES}.maxReplicaCount")
# What says of itself what callers notice, or comes of a bad live state that has a sentence.
_NOT_SILENT = (
    "allowPscGlobalAccess",
    "clientConnectionConfig",
    "pscAutomation",
    "pscConnectionStatus",
    "status",
    "traffic",
    *(f"{_RESOURCES}.{key}" for key in ("minReplicaCount", "maxReplicaCount", "scaleToZeroSpec")),
)


class Plan(msgspec.Struct, frozen=True):
    """A change that is going to be made.

    Attributes:
        diff: The properties that change.
        outputs: What the resource told when it was last looked at.
        old: Inputs and outputs as state has them.
        new: Inputs as they will be.
        is_unknown: Tells a value that only the update will know.
    """

    diff: Diff
    outputs: Bag
    old: Bag
    new: Bag
    is_unknown: Callable[[Any], bool]

    def known(self, key: str) -> Any:
        """Return an input as it will be; None when it is unset or not known."""
        value = self.new.get(key)
        return None if self.is_unknown(value) else value

    def stays(self, key: str) -> bool:
        """Tell whether an input is known to be what it was."""
        return not self.is_unknown(self.new.get(key)) and not self.diff.touches(key)


def of(model: type[Spec], plan: Plan) -> Iterator[Line]:
    """Yield what a change means, for a resource of any type."""
    yield from _BY_MODEL[model](plan)
    quiet = plan.diff.changes and not plan.diff.renewing and not plan.diff.touches(*_NOT_SILENT)
    if quiet:
        yield Line("in-place", "changed in place: callers notice nothing")


def _deployment(plan: Plan) -> Iterator[Line]:
    yield from _resumed(plan)
    yield from _replicas(plan)
    if plan.diff.rolling_out and not plan.diff.replacing:
        yield from _rollout(plan)
    old = _last(plan.outputs.get("endpointName"))
    if not plan.diff.replacing or not old:
        return
    given = plan.new.get("endpoint")
    if given is not None:
        where = "another endpoint" if plan.is_unknown(given) else _last(given)
        again = plan.stays("endpoint")
        text = (
            f"deployed anew on {old}, then the old deployment is removed: the endpoint stays"
            if again
            else f"deployed on {where}, then removed from {old}: callers of {old} have to follow"
        )
        yield Line("callers", f"{text}; quota must cover both meanwhile")
        return
    moves = _moves(plan)
    yield Line(
        "callers",
        f"a new endpoint is deployed beside {old}, then the old one is removed: {moves}; quota "
        "must cover both meanwhile",
    )


def _resumed(plan: Plan) -> Iterator[Line]:
    if status_of(plan.outputs) is not Status.UNFINISHED or plan.diff.replacing:
        return
    running = _last(plan.outputs.get("deployOperation"))
    operation = f" (operation {running})" if running.isdigit() else ""
    yield Line(
        "resumes",
        f"goes on with the deployment that an earlier run began{operation} and did not see to its "
        "end: nothing is deployed twice",
    )


def _replicas(plan: Plan) -> Iterator[Line]:
    """Say how many replicas there will be, where that changes in place."""
    if plan.diff.replacing:
        return
    changes = {change.path: change for change in plan.diff.changes}
    ends = [
        f"{word} {_shift(change.old, change.new)}"
        for word, change in zip(("at least", "at most"), map(changes.get, _REPLICAS), strict=True)
        if change and not (word == "at least" and change.old is None and change.new == 1)
    ]
    if ends:
        yield Line("replicas", f"replicas change in place: {', '.join(ends)}")
    elif plan.diff.touches(f"{_RESOURCES}.scaleToZeroSpec"):
        yield Line("replicas", "when replicas go to zero, and come back, changes in place")


def _shift(old: Any, new: Any) -> str:
    """Return how a count changes; a count that was not set says nothing."""
    after = f"{new:g}" if isinstance(new, (int, float)) else "unknown yet" if new else "the default"
    return after if old is None else f"{old:g} → {after}"


def _rollout(plan: Plan) -> Iterator[Line]:
    obstacle = _not_asked(plan)
    asked = "" if obstacle else "asked a question, "
    yield Line(
        "callers",
        f"rolled out in place: deployed beside the old one without traffic, {asked}given the "
        "traffic, then the old one is removed; the endpoint, its DNS name and service attachment "
        "stay, and quota must cover both meanwhile",
    )
    if route := _route(plan):
        yield Line("callers", route, "warn")
    if obstacle:
        grave = "info" if _smoke_test(plan).get("enabled") is False else "warn"
        yield Line("smokeTest", f"gets traffic without having been asked first: {obstacle}", grave)


def _route(plan: Plan) -> str:
    """Say that callers have to ask under another path; empty when they have not."""
    if plan.is_unknown(plan.new.get("containerSpec")):
        return ""
    before, after = (
        bool(cast("Bag", container or {}).get("invokeRoutePrefix"))
        for container in (plan.old.get("containerSpec"), plan.new.get("containerSpec"))
    )
    if before == after:
        return ""
    if after:
        return (
            "interruption for every caller: with containerSpec.invokeRoutePrefix Vertex AI refuses "
            ":predict and chat/completions, and serves the container's paths below /invoke alone"
        )
    return (
        "interruption for every caller: without containerSpec.invokeRoutePrefix Vertex AI serves "
        "no path below /invoke any more, but :predict and chat/completions"
    )


def _smoke_test(plan: Plan) -> Bag:
    test = plan.known("smokeTest")
    return cast("Bag", test) if isinstance(test, Mapping) else {}


def _not_asked(plan: Plan) -> str:
    """Return why a new deployment will not be asked; empty when it will, or may."""
    test = _smoke_test(plan)
    if test.get("enabled") is False:
        return "smokeTest.enabled is false"
    private = bool(plan.outputs.get("serviceAttachment"))
    if private and not test.get("url") and not plan.is_unknown(plan.new.get("smokeTest")):
        return (
            "the endpoint is private, and smokeTest.url does not say where it is reached from here"
        )
    return ""


def _endpoint(plan: Plan) -> Iterator[Line]:
    if plan.diff.replacing and plan.outputs.get("endpointName"):
        yield Line("callers", f"callers lose this endpoint: {_moves(plan)}")
    elif plan.diff.touches("clientConnectionConfig"):
        config = plan.known("clientConnectionConfig")
        longest = cast("Bag", config or {}).get("inferenceTimeout", "600s, the default")
        yield Line("callers", f"changed in place: from now on an answer may take {longest}")


def _moves(plan: Plan) -> str:
    """Say what of an endpoint changes for callers with a new one.

    Endpoints of a project and region may share an attachment; a DNS name is their own. The new name
    is not said: an id that was deleted in the last 7 days is passed over, and no call tells which.
    """
    if plan.outputs.get("serviceAttachment"):
        return "its name changes for callers, its service attachment may"
    return "its name and DNS name change for callers"


def _address(plan: Plan) -> Iterator[Line]:
    ip = plan.outputs.get("ipAddress")
    if not plan.diff.replacing or not ip:
        return
    wanted = plan.known("address")
    kept = wanted == ip and plan.stays("subnetwork") and plan.stays("region")
    if kept and plan.stays("project"):
        taken = f"{ip} is given back and reserved again"
    else:
        taken = f"{ip} is given back and {wanted or 'another address'} taken"
    yield Line("callers", f"{taken}; callers are cut off until the forwarding rule is there again")


def _rule(plan: Plan) -> Iterator[Line]:
    ip = plan.outputs.get("ipAddress")
    if plan.diff.replacing and ip:
        yield Line("callers", f"{_cut_off(plan, str(ip))}{_afterwards(plan, str(ip))}")
    elif plan.diff.touches("allowPscGlobalAccess"):
        opened = plan.known("allowPscGlobalAccess")
        what = "get in too" if opened else "are kept out from now on"
        yield Line("callers", f"changed in place: callers of other regions {what}")
    elif plan.diff.touches("pscConnectionStatus"):
        yield Line("callers", "waits again until the connection is ACCEPTED")


def _cut_off(plan: Plan, ip: str) -> str:
    if plan.diff.touches("pscConnectionStatus"):
        return f"callers of {ip} are cut off already, until the new rule is ACCEPTED"
    return (
        f"callers of {ip} are cut off from the moment the old rule goes until the new one is "
        "ACCEPTED"
    )


def _afterwards(plan: Plan, ip: str) -> str:
    """Say where callers find the endpoint afterwards, as far as that is known."""
    if plan.is_unknown(plan.new.get("address")):
        return "; the address may be another one then"
    moved = plan.diff.touches("project", "region", "network", "subnetwork")
    if not plan.diff.touches("address") and not moved:
        return "; the address stays"
    new = str(plan.known("address") or "")
    where = new if new and "/" not in new and new != ip else "the address that the new rule has"
    return f"; they have to move to {where}"


def _split(plan: Plan) -> Iterator[Line]:
    """Say how the shares move, in the program's names: ids of deployments tell nobody anything."""
    for change in plan.diff.changes:
        if change.path == "traffic" and change.old is not None:
            before, after = _named_shares(change.old), _named_shares(change.new)
            moved = [
                f"{name} {before.get(name, 0)} % → {after.get(name, 0)} %"
                for name in {**before, **after}
                if before.get(name, 0) != after.get(name, 0)
            ]
            if moved:
                yield Line("traffic", f"traffic moves: {', '.join(moved)}")


def _named_shares(targets: Any) -> dict[str, int]:
    """Return the shares by name, of those that have one."""
    known = cast("list[Bag]", targets) if isinstance(targets, list) else []
    return {str(t["name"]): int(t["percent"]) for t in known if t.get("name")}


def _last(name: Any) -> str:
    return str(name or "").rsplit("/", 1)[-1]


_BY_MODEL: Mapping[type[Spec], Callable[[Plan], Iterator[Line]]] = {
    CustomWeightsDeploymentSpec: _deployment,
    EndpointSpec: _endpoint,
    PscAddressSpec: _address,
    PscForwardingRuleSpec: _rule,
    TrafficSplitSpec: _split,
}
