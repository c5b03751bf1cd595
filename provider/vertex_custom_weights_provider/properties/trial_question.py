"""The question that a rollout puts to a new deployment before it gets traffic."""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Meta

from vertex_custom_weights_provider.properties.base import Rule, Spec, one_of, says
from vertex_custom_weights_provider.properties.durations import Duration, seconds
from vertex_custom_weights_provider.properties.values import BaseUrl, Count

DEFAULT_PROMPT = "Hello"
DEFAULT_TOKENS = 16
DEFAULT_TIMEOUT = "60s"


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as wrong:
        raise ValueError(f"{value!r} is not a regular expression ({wrong})") from None
    return value


class SmokeTest(Spec, frozen=True, kw_only=True):
    """A real request to the new deployment itself: a chat with one message."""

    enabled: Annotated[bool | None, says("Whether anything is asked.", default="true")] = None
    prompt: Annotated[
        Annotated[str, Meta(min_length=1)] | None, says("The question.", default=DEFAULT_PROMPT)
    ] = None
    max_tokens: Annotated[
        Count | None, says("Longest answer.", default=str(DEFAULT_TOKENS), unit="tokens")
    ] = None
    timeout: Annotated[
        Duration | None,
        says(
            "How long to go on asking while nobody answers or the answer is 5xx.",
            default=DEFAULT_TIMEOUT,
        ),
    ] = None
    expect: Annotated[
        str | None,
        says("Regular expression that the answer must contain.", default="any answer will do"),
        Rule(_pattern),
    ] = None
    url: Annotated[
        BaseUrl | None,
        says(
            "Where a private endpoint is reached from where Pulumi runs, such as "
            "`http://10.0.0.9`, the address of its forwarding rule. A token is sent "
            "to Google's own hosts only, and with `sendToken` to this one."
        ),
    ] = None
    send_token: Annotated[
        bool | None,
        says(
            "Send the access token to the host of `url` too, over https, though it is none of "
            "Google's.",
            default="false",
        ),
    ] = None
    unreachable: Annotated[
        str | None,
        says(
            "What happens when the question cannot be put, because nobody answers "
            "at the address or the container takes no such calls; where nothing "
            "serves yet it is always `warn`.",
            default="`fail` with `url`, else `warn`",
        ),
        one_of("warn", "fail"),
    ] = None

    @property
    def timeout_seconds(self) -> float:
        """Seconds to go on asking."""
        return seconds(self.timeout or DEFAULT_TIMEOUT)

    @property
    def insists(self) -> bool:
        """Whether a deployment that cannot be asked is not to get the traffic of another."""
        return (self.unreachable or ("fail" if self.url else "warn")) == "fail"
