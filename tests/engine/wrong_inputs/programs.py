"""Constructors that are wrong in one way each; said.txt has what each says.

Part of a program that the test runs: `CASES` are declared in turn, and what each raises is kept.
"""

import pulumi

from vertex_custom_weights import GemmaEndpoint, LlamaEndpoint, PrivateServiceConnect

LLAMA = "gs://weights/llama"
later = pulumi.Output.from_input("later")

CASES = {
    "argument-misspelt": lambda n: LlamaEndpoint(n, weight_uri=LLAMA),
    "argument-in-camel-case": lambda n: LlamaEndpoint(n, {"weightsUri": LLAMA}),
    "argument-of-a-block-misspelt": lambda n: LlamaEndpoint(
        n, weights_uri=LLAMA, machine={"kind": "g2-standard-12"}
    ),
    "no-arguments": LlamaEndpoint,
    "arguments-none": lambda n: LlamaEndpoint(n, None),
    "arguments-a-text": lambda n: LlamaEndpoint(n, LLAMA),
    "arguments-twice": lambda n: LlamaEndpoint(n, {"weights_uri": LLAMA}, weights_uri=LLAMA),
    "options-a-dict": lambda n: LlamaEndpoint(n, {"weights_uri": LLAMA}, {"protect": True}),
    "options-in-the-place-of-arguments": lambda n: LlamaEndpoint(
        n, pulumi.ResourceOptions(protect=True)
    ),
    "weights-none": lambda n: LlamaEndpoint(n, weights_uri=None),
    "model-of-another-family": lambda n: GemmaEndpoint(
        n, weights_uri=LLAMA, base_model="llama-3.2-1b"
    ),
    "model-an-output": lambda n: LlamaEndpoint(n, weights_uri=LLAMA, base_model=later),
    "public-an-output": lambda n: LlamaEndpoint(n, weights_uri=LLAMA, public=later),
    "rollout-unknown": lambda n: LlamaEndpoint(
        n, weights_uri=LLAMA, deployment={"rollout": "canary"}
    ),
    "public-and-private": lambda n: LlamaEndpoint(
        n, weights_uri=LLAMA, public=True, private_service_connect={"network": "default"}
    ),
    "block-a-text": lambda n: LlamaEndpoint(n, weights_uri=LLAMA, replicas="two"),
    "two-things-at-once": lambda n: LlamaEndpoint(
        n, weight_uri=LLAMA, deployment={"rolout": "same-endpoint"}
    ),
    "connection-without-attachment": lambda n: PrivateServiceConnect(
        n, {"network": "default", "subnetwork": "default"}
    ),
    "connection-without-network": lambda n: PrivateServiceConnect(n, {"service_attachment": "a"}),
}
