"""A Llama of one's own behind one private endpoint, called from the networks of two projects."""

import pulumi

from vertex_custom_weights import LlamaEndpoint, PrivateServiceConnect

config = pulumi.Config()
models = pulumi.Config("gcp").require("project")
shop = config.require("consumerProject")

support = LlamaEndpoint(
    "support",
    {
        "weights_uri": config.require("weightsUri"),
        "base_model": "llama-3.2-1b",
        "replicas": {"min": 1, "max": 3},
        # Nobody else may connect. The list cannot be changed later without a new endpoint.
        "private_service_connect": {
            "allowed_projects": [models, shop],
            "network": "apps",
            "subnetwork": "apps-us-central1",
            # A literal, so that firewalls and callers know it before there is an endpoint.
            "ip_address": "10.128.0.42",
        },
        "labels": {"team": "support"},
    },
)

# The shop's own address for the same endpoint, in the shop's network.
storefront = PrivateServiceConnect(
    "storefront",
    {
        "service_attachment": support.service_attachment,
        "project": shop,
        "network": "storefront",
        "subnetwork": "storefront-us-central1",
        "ip_address": "10.130.0.42",
        "labels": {"team": "shop"},
    },
)

pulumi.export("endpoint_name", support.endpoint_name)
pulumi.export("openai_base_url", support.openai_base_url)
pulumi.export("storefront_address", storefront.psc_ip_address)
pulumi.export("storefront_connection", storefront.psc_connection_status)
