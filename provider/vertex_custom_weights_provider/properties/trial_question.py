"""The question that a rollout puts to a new deployment before it gets traffic."""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Meta

from vertex_custom_weights_provider.properties.base import Rule, Spec
from vertex_custom_weights_provider.properties.common import Duration, one_of, seconds
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

    enabled: Annotated[bool | None, Meta(description="Default true; false asks nothing.")] = None
    prompt: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(description=f'The question. Default "{DEFAULT_PROMPT}".'),
    ] = None
    max_tokens: Annotated[
        Count | None, Meta(description=f"Longest answer, in tokens. Default {DEFAULT_TOKENS}.")
    ] = None
    timeout: Annotated[
        Duration | None,
        Meta(
            description="How long to go on asking while nobody answers or the answer is 5xx. "
            f"Default {DEFAULT_TIMEOUT}."
        ),
    ] = None
    expect: Annotated[
        str | None,
        Rule(_pattern),
        Meta(description="Regular expression that the answer must contain. Default: any."),
    ] = None
    url: Annotated[
        BaseUrl | None,
        Meta(
            description="Where a private endpoint is reached from here, such as `http://10.0.0.9`."
        ),
    ] = None
    send_token: Annotated[
        bool | None,
        Meta(
            description="Send the access token to the host of `url` too, over https, though it is "
            "none of Google's. Default false."
        ),
    ] = None
    unreachable: Annotated[
        str | None,
        one_of("warn", "fail"),
        Meta(
            description="What happens when the question cannot be put. Default `fail` with `url`, "
            "else `warn`."
        ),
    ] = None

    @property
    def timeout_seconds(self) -> float:
        """Seconds to go on asking."""
        return seconds(self.timeout or DEFAULT_TIMEOUT)

    @property
    def insists(self) -> bool:
        """Whether a deployment that cannot be asked is not to get the traffic of another."""
        return (self.unreachable or ("fail" if self.url else "warn")) == "fail"
