"""One private endpoint for your own weights. Stacks differ by their configuration only."""

import pulumi

from vertex_custom_weights import CustomWeightsEndpoint

config = pulumi.Config()

chat = CustomWeightsEndpoint(
    "chat",
    {
        "weights_uri": config.require("weightsUri"),
        "base_model": config.require("baseModel"),
        "replicas": {"min": 1, "max": config.require_int("maxReplicas")},
        "private_service_connect": {
            "network": config.require("network"),
            "subnetwork": config.require("subnetwork"),
        },
    },
)

pulumi.export("endpoint_name", chat.endpoint_name)
pulumi.export("openai_base_url", chat.openai_base_url)
