"""A real question to a new deployment, before it gets any traffic."""

from __future__ import annotations

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.lifecycle.context import Cloud
from vertex_custom_weights_provider.rest import Json

DEFAULT_PROMPT = "Hello"
_TOKENS = 16


class SmokeTestFailed(errors.VcwError):
    """The new deployment did not answer."""


def ask(cloud: Cloud, name: str, endpoint: Json, deployed: Json, prompt: str) -> None:
    """Ask one deployment a question, whatever its share of the traffic is.

    Args:
        cloud: Where.
        name: Endpoint name.
        endpoint: The endpoint.
        deployed: The deployment on it.
        prompt: The question; empty means not to ask.

    Raises:
        SmokeTestFailed: it did not answer, or answered with an error.
    """
    if not prompt:
        return
    if endpoint.get("privateServiceConnectConfig", {}).get("enablePrivateServiceConnect"):
        cloud.report.info(
            f"deployment {deployed['id']} was not asked the smoke-test prompt: the endpoint is "
            "private and is reached from its consumer networks only"
        )
        return
    dns = endpoint.get("dedicatedEndpointDns")
    base = f"https://{dns}/v1beta1/{name}" if dns else cloud.vertex.url(name)
    url = f"{base}/deployedModels/{deployed['id']}/invoke/v1/chat/completions"
    body = {"messages": [{"role": "user", "content": prompt}], "max_tokens": _TOKENS}
    try:
        answer = cloud.vertex.rest.send("POST", url, body=body, idempotent=True)
    except errors.Cancelled:
        raise
    except errors.VcwError as refusal:
        raise SmokeTestFailed(f"the smoke test failed: {refusal}") from None
    if not answer.get("choices"):
        raise SmokeTestFailed("the smoke test failed: the answer has no choices")
