"""A real question to a new deployment, before it gets any traffic.

It goes to the deployment itself, whatever its share of the traffic is, by the API's `invoke`
route. That route has conditions of its own: a private endpoint is reached from its consumer
networks only, and a container takes such calls when its `invokeRoutePrefix` is set. So "could not
be asked" is told apart from "does not answer", and what it means is the program's choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.google_hosts import is_google
from vertex_custom_weights_provider.api.messages import Endpoint, Json
from vertex_custom_weights_provider.api.rest import Rest
from vertex_custom_weights_provider.lifecycle.steps.waiting import passes, pauses
from vertex_custom_weights_provider.properties.trial_question import (
    DEFAULT_PROMPT,
    DEFAULT_TOKENS,
    SmokeTest,
)

_LONGEST_PAUSE = 10.0
_SHOWN = 80  # characters of an answer that is not as expected


class SmokeTestFailed(errors.VcwError):
    """The new deployment did not answer as it should, or could not be asked."""


class Subject(msgspec.Struct, frozen=True):
    """The deployment that is asked.

    Attributes:
        endpoint: The endpoint, as the API shows it.
        name: Its name.
        deployed_id: The deployment on it.
        succeeds: Another deployment serves, whose traffic this one is to get.
    """

    endpoint: Endpoint
    name: str
    deployed_id: str
    succeeds: bool


def ask(cloud: Cloud, test: SmokeTest, subject: Subject) -> bool:
    """Ask one deployment a question; returns whether it could be asked.

    Raises:
        SmokeTestFailed: it answered with an error or not as expected; or it could not be asked, the
            test insists, and there is somebody else's traffic to lose.
    """
    if test.enabled is False:
        return False
    base = _base(cloud, test, subject)
    if not base:
        reason = "the endpoint is private, and smokeTest.url does not say where it is reached"
        return _not_asked(cloud, test, subject, reason)
    try:
        answer = _answer(cloud, test, subject, base)
    except errors.NoAnswer as silence:
        return _not_asked(cloud, test, subject, f"{base} does not answer ({silence})")
    except errors.ApiError as refusal:
        if _takes_no_calls(refusal):
            reason = (
                f"its container takes no such calls ({refusal.message.rstrip('.')}). Set "
                'containerSpec.invokeRoutePrefix to "/*", or smokeTest.enabled to false'
            )
            return _not_asked(cloud, test, subject, reason)
        told = _without_token(test, base, refusal)
        raise SmokeTestFailed(f"the smoke test failed: {refusal}{told}") from None
    _judge(test, answer)
    return True


def _base(cloud: Cloud, test: SmokeTest, subject: Subject) -> str:
    """Return where the endpoint is reached; empty when that is not known."""
    if test.url:
        return test.url
    if subject.endpoint.private_service_connect_config.enable_private_service_connect:
        return ""
    dns = subject.endpoint.dedicated_endpoint_dns
    return f"https://{dns}" if dns else cloud.vertex.url(subject.name).split("/v1beta1/")[0]


def _answer(cloud: Cloud, test: SmokeTest, subject: Subject, base: str) -> Json:
    """Ask until there is an answer, or patience ends; a replica may still be warming up."""
    path = f"{subject.name}/deployedModels/{subject.deployed_id}/invoke/v1/chat/completions"
    body = {
        "messages": [{"role": "user", "content": test.prompt or DEFAULT_PROMPT}],
        "max_tokens": test.max_tokens or DEFAULT_TOKENS,
    }
    rest = _rest(cloud, test, base)
    deadline = cloud.clock.now() + test.timeout_seconds
    cloud.report.status(f"asking deployment {subject.deployed_id} at {base}")
    for pause in pauses(longest=_LONGEST_PAUSE):
        left = max(1.0, deadline - cloud.clock.now())
        try:
            return cloud.clock.call(
                lambda left=left: rest.send(
                    "POST", f"{base}/v1beta1/{path}", body=body, timeout=left
                )
            )
        except errors.VcwError as trouble:
            # Where nothing serves yet, the way to a private address may not be there either.
            hopeless = isinstance(trouble, errors.NoAnswer) and not subject.succeeds
            late = cloud.clock.now() + pause >= deadline
            if not passes(trouble) or hopeless or late:
                raise
        cloud.clock.sleep(pause)
    raise AssertionError  # pauses never end


def _rest(cloud: Cloud, test: SmokeTest, base: str) -> Rest:
    """Return the connection; a token does not travel unencrypted, nor elsewhere unless told to."""
    if test.send_token and base.startswith("https://"):
        return replace(cloud.vertex.rest, also_told=frozenset({urlsplit(base).netloc}))
    return cloud.vertex.rest


def _without_token(test: SmokeTest, base: str, refusal: errors.ApiError) -> str:
    """Say that no token was sent, where that may be why the answer is no."""
    if test.send_token or is_google(base):
        return ""
    if not isinstance(refusal, errors.Unauthenticated | errors.PermissionDenied):
        return ""
    return (
        f". No token was sent to {urlsplit(base).netloc}, which is none of Google's hosts; "
        "smokeTest.sendToken sends it, over https"
    )


def _takes_no_calls(refusal: errors.ApiError) -> bool:
    """Tell a route that is not served from a container that does not work."""
    if isinstance(refusal, errors.NotFound) or refusal.http_status in (405, 501):
        return True
    words = refusal.message.lower()
    return 400 <= refusal.http_status < 500 and "invoke" in words


def _not_asked(cloud: Cloud, test: SmokeTest, subject: Subject, reason: str) -> bool:
    told = f"deployment {subject.deployed_id} was not asked the smoke-test prompt: {reason}"
    if test.insists and subject.succeeds:
        raise SmokeTestFailed(
            f"{told}. Mend that, or set smokeTest.unreachable to warn to roll out untested"
        )
    cloud.report.warn(told)
    return False


def _judge(test: SmokeTest, answer: Json) -> None:
    """Refuse an answer without text, or with another text than expected."""
    choices: list[Mapping[str, Any]] = answer.get("choices", [])
    if not choices:
        raise SmokeTestFailed("the smoke test failed: the answer has no choices")
    text = str(choices[0].get("message", {}).get("content") or "")
    if test.expect and not re.search(test.expect, text):
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        raise SmokeTestFailed(
            f"the smoke test failed: the answer {shown!r} does not contain what "
            f"smokeTest.expect asks for ({test.expect})"
        )
