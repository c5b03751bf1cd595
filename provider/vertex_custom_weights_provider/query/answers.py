"""Asking, and saying in plain words why there is no answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from vertex_custom_weights_provider import errors

from .address import Address
from .question import Question

if TYPE_CHECKING:
    from vertex_custom_weights_provider.api.rest import Rest

_PATIENCE_SECONDS = 600
_WAKING_SECONDS = 600
_PAUSE_SECONDS = 10
# What Vertex AI's page on autoscaling says is answered meanwhile.
_ASLEEP = "not yet ready for inference"
_NEXT: tuple[tuple[type[errors.ApiError], str], ...] = (
    (
        errors.Unauthenticated,
        "Log in with `gcloud auth application-default login`, or set GOOGLE_OAUTH_ACCESS_TOKEN.",
    ),
    (
        errors.PermissionDenied,
        "Whoever asks needs roles/aiplatform.user in the endpoint's project, and must not be "
        "outside a VPC Service Controls perimeter around it.",
    ),
    (
        errors.NotFound,
        "No such endpoint answers there: it may have been replaced or removed. Run `pulumi "
        "refresh` and `pulumi up`, and ask again.",
    ),
    (
        errors.ResourceExhausted,
        "All replicas are busy, or the request rate is used up. Ask again later, or raise "
        "replicas.max.",
    ),
    (
        errors.Unavailable,
        "Replicas may be starting (one that was scaled to zero takes minutes). Ask again; if it "
        "stays so, read the container's log in Cloud Logging.",
    ),
)


def _silent(line: str) -> None:
    return None


def ask(
    rest: Rest,
    address: Address,
    question: Question,
    *,
    tell: Callable[[str], None] = _silent,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[str]:
    """Yield the answer: a chat's text, or the JSON or lines that the endpoint sends.

    A deployment that has scaled to zero drops the request that wakes it up: the question is put
    again until a replica is there, at most ten minutes, and `tell` gets a line about it.

    Raises:
        ApiError: the endpoint refuses; the message ends with what to do.
        NoAnswer: nobody answers at that address, or the answer broke off.
    """
    try:
        yield from _awake(lambda: _ask(rest, address.url(question.kind), question), tell, sleep)
    except errors.ApiError as refusal:
        hint = next((told for kind, told in _NEXT if isinstance(refusal, kind)), "")
        hint = _without_token(rest, address, refusal) or hint
        raise errors.VcwError(f"{refusal}\n{hint}".strip()) from None
    except errors.NoAnswer as silence:
        raise errors.NoAnswer(
            f"No answer from {address.host} ({silence}). {_why(address)}"
        ) from None


def _without_token(rest: Rest, address: Address, refusal: errors.ApiError) -> str:
    """Say that no token was sent, where that may be why the answer is no."""
    from vertex_custom_weights_provider.api.google_hosts import is_google

    if is_google(address.base) or address.private or address.host in rest.also_told:
        return ""
    if not isinstance(refusal, errors.Unauthenticated | errors.PermissionDenied):
        return ""
    return (
        f"No token was sent to {address.host}, which is none of Google's hosts. If you trust it "
        "with one, ask with --send-token."
    )


def _awake(
    attempt: Callable[[], Iterator[str]],
    tell: Callable[[str], None],
    sleep: Callable[[float], None],
) -> Iterator[str]:
    """Put a question, and again while what is asked is waking up."""
    left = _WAKING_SECONDS
    while True:
        answer = attempt()
        try:
            first = next(answer, "")
        except errors.ResourceExhausted as refusal:
            if _ASLEEP not in refusal.message or left <= 0:
                raise
            tell(
                "The deployment has scaled to zero, and this request woke it up; a replica takes "
                f"minutes. Asking again in {_PAUSE_SECONDS} s."
            )
            sleep(_PAUSE_SECONDS)
            left -= _PAUSE_SECONDS
        else:
            yield first
            yield from answer
            return


def _ask(rest: Rest, url: str, question: Question) -> Iterator[str]:
    if question.kind == "chat" and question.stream:
        yield from _pieces(rest.stream(url, question.body))
        yield "\n"
    elif question.kind in ("chat", "predict"):
        answer = rest.send("POST", url, body=question.body, timeout=_PATIENCE_SECONDS)
        if question.kind == "predict":
            yield json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
        else:
            yield str(answer["choices"][0]["message"]["content"] or "") + "\n"
    else:
        # What a container answers need not be JSON, so it is passed on as it comes.
        for line in rest.stream(url, question.body, _PATIENCE_SECONDS):
            yield line + "\n"


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    """Yield the text of a stream of server-sent events."""
    for line in lines:
        data = line.removeprefix("data: ")
        if not line.startswith("data: ") or data == "[DONE]":
            continue
        event = json.loads(data)
        if "error" in event:
            raise errors.NoAnswer(f"the answer ended early: {event['error']}")
        for choice in event.get("choices", []):
            yield str(choice.get("delta", {}).get("content") or "")


def _why(address: Address) -> str:
    if address.private:
        return (
            "A private endpoint answers inside the networks that are connected to it only: run "
            "this there."
        )
    return "Check that this machine reaches the host: DNS, proxy, firewall."
