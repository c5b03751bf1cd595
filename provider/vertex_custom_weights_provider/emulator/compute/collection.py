"""The methods that addresses and forwarding rules have alike: get, lists, and labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vertex_custom_weights_provider.emulator.envelope import Json
from vertex_custom_weights_provider.emulator.http.call import Call, Note, assumed, documented
from vertex_custom_weights_provider.emulator.http.routing import Registry

from . import records
from .listing import aggregated, listing
from .naming import Locator, region_of
from .operations import replayable

_COMPUTE = "/compute/v1/projects/{project}"
_LEFT_OUT = assumed("Regions without any are left out.")
_STALE = documented("A stale labelFingerprint is refused with 412 conditionNotMet.")
View = Callable[[Call, Json], Json]
"""Returns a record as the API shows it."""


@dataclass(frozen=True)
class Collection:
    """One kind of regional resource.

    Attributes:
        name: In URLs and methods, such as `forwardingRules`.
        one: One of it in messages' types and path variables, such as `forwardingRule`.
        kind: What its documents are kept as.
        words: Several of it in sentences.
    """

    name: str
    one: str
    kind: str
    words: str

    @property
    def regional(self) -> str:
        """Template of its URLs in a region."""
        return f"{_COMPUTE}/regions/{{region}}/{self.name}"

    @property
    def each(self) -> str:
        """Template of the URL of one."""
        return f"{self.regional}/{{{self.one}}}"

    def method(self, verb: str) -> str:
        """Return the id of a method."""
        return f"compute.{self.name}.{verb}"

    def locate(self, call: Call, variable: str = "") -> Locator:
        """Return which one a call is about."""
        return Locator(region_of(call), self.name, call.params[variable or self.one])


def serve(
    registry: Registry, collection: Collection, view: View, listed: Sequence[Note] = ()
) -> None:
    """Register the methods of a collection.

    Args:
        registry: Where.
        collection: Which.
        view: Shows one.
        listed: What is to be known of its lists.
    """

    def get(call: Call) -> Json:
        return view(call, records.load(call.tx, collection.kind, collection.locate(call)))

    def list_(call: Call) -> Json:
        region = region_of(call)
        page = listing(call, collection.kind, region.key, lambda one: view(call, one))
        link = f"{region.url}/{collection.name}"
        return {"kind": f"compute#{collection.one}List", "selfLink": link, **page}

    def everywhere(call: Call) -> Json:
        page = aggregated(call, collection.kind, collection.name, lambda one: view(call, one))
        return {"kind": f"compute#{collection.one}AggregatedList", **page}

    def set_labels(call: Call) -> Json:
        locator = collection.locate(call, "resource")
        return records.set_labels(
            call, collection.kind, records.load_ready(call.tx, collection.kind, locator)
        )

    get.__doc__ = f"Return one of the {collection.words}."
    list_.__doc__ = f"Return a page of {collection.words}."
    everywhere.__doc__ = f"Return a page of {collection.words} in all regions."
    set_labels.__doc__ = f"Replace the labels of one of the {collection.words}."
    method, regional = collection.method, collection.regional
    registry.route("GET", collection.each, method=method("get"))(get)
    registry.route("GET", regional, method=method("list"), notes=listed)(list_)
    registry.route(
        "GET",
        f"{_COMPUTE}/aggregated/{collection.name}",
        method=method("aggregatedList"),
        notes=[_LEFT_OUT],
    )(everywhere)
    registry.route(
        "POST",
        f"{regional}/{{resource}}/setLabels",
        method=method("setLabels"),
        access="write",
        notes=[_STALE],
    )(replayable(set_labels))
