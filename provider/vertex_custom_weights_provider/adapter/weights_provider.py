"""What the provider of deployments looks at besides its inputs: the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vertex_custom_weights_provider.adapter.provider import VertexProvider

if TYPE_CHECKING:
    from pulumi.dynamic import CheckResult

    from vertex_custom_weights_provider.call.call import Call


class WeightsProvider(VertexProvider):
    """A provider whose resources change when the bytes that an input names do."""

    def _still_so(self, olds: dict[str, Any], call: Call) -> bool:
        """Tell whether the folder holds the same weights: a listing, of many folders at once."""
        from vertex_custom_weights_provider.adapter.glance import Glance
        from vertex_custom_weights_provider.lifecycle.weights import announced
        from vertex_custom_weights_provider.storage import Deadline, StorageError
        from vertex_custom_weights_provider.storage.inventory import listing_digest

        if olds.get("preflight") == "off" or _ignores_changes(olds):
            return True
        cloud, uri, deadline = self._cloud(call), str(olds["gcsUri"]), Deadline()
        try:
            seen = cloud.memory.of(Glance).listing(uri, deadline)
            listing = seen or announced.listing(cloud, uri, deadline)
            return listing_digest(listing) == olds.get("weightsFingerprint")
        except StorageError:
            return False  # the examination says what is wrong with the folder

    def _examine(self, call: Call, _olds: dict[str, Any], given: dict[str, Any]) -> CheckResult:
        from vertex_custom_weights_provider.adapter.glance import Glance

        cloud = self._cloud(call)
        cloud.memory.of(Glance).look_closer(cloud)
        return super()._examine(call, _olds, given)


def _ignores_changes(olds: Mapping[str, Any]) -> bool:
    return olds.get("weightsChanges") == "ignore" and bool(olds.get("weightsFingerprint"))
