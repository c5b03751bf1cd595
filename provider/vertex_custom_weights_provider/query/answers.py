"""Asking, and saying in plain words why there is no answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vertex_custom_weights_provider import errors

from .address import Address
from .question import Question

if TYPE_CHECKING:
    from vertex_custom_weights_provider.api.rest import Rest

_PATIENCE_SECONDS = 600
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


def ask(rest: Rest, address: Address, question: Question) -> Iterator[str]:
    """Yield the answer: a chat's text, or the JSON or lines that the endpoint sends.

    Raises:
        ApiError: the endpoint refuses; the message ends with what to do.
        NoAnswer: nobody answers at that address, or the answer broke off.
    """
    try:
        yield from _ask(rest, question.url(address.base), question)
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
