"""One private endpoint for your own weights."""

import pulumi

from vertex_custom_weights import LlamaEndpoint

chat = LlamaEndpoint(
    "chat",
    {
        "weights_uri": "gs://local-weights/llama-3.2-1b",
        "base_model": "llama-3.2-1b",
        "private_service_connect": {
            "network": "default",
            "subnetwork": "default",
            "ip_address": "10.128.0.42",
        },
    },
)

pulumi.export("endpoint_name", chat.endpoint_name)
pulumi.export("openai_base_url", chat.openai_base_url)
