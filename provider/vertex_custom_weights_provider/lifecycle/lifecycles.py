"""The lifecycle of each resource type, loaded when it is first asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from vertex_custom_weights_provider.lifecycle.contract import Lifecycle

MODULES: Final[Mapping[str, str]] = {
    "Endpoint": "endpoint",
    "CustomWeightsDeployment": "deployment.custom_weights_deployment",
    "PscAddress": "psc_address",
    "PscForwardingRule": "psc_forwarding_rule",
    "TrafficSplit": "traffic_split",
}
"""Resource type and the module, below this package, that is its lifecycle."""


def lifecycle_of(resource_type: str) -> Lifecycle[Any]:
    """Return the lifecycle of one of our resource types.

    Raises:
        KeyError: it is none of ours.
    """
    module: Any = importlib.import_module(f"{__package__}.{MODULES[resource_type]}")
    return module
