"""The question that a rollout puts to a new deployment before it gets traffic."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from vertex_custom_weights_provider.spec.base import Spec
from vertex_custom_weights_provider.spec.common import Duration, one_of, seconds

DEFAULT_PROMPT = "Hello"
DEFAULT_TOKENS = 16
DEFAULT_TIMEOUT = "60s"


def _pattern(value: str | None) -> str | None:
    try:
        re.compile(value or "")
    except re.error as wrong:
        raise ValueError(f"{value!r} is not a regular expression ({wrong})") from None
    return value


class SmokeTest(Spec):
    """A real request to the new deployment itself: a chat with one message."""

    enabled: bool | None = Field(default=None, description="Default true; false asks nothing.")
    prompt: str | None = Field(
        default=None, min_length=1, description=f'The question. Default "{DEFAULT_PROMPT}".'
    )
    max_tokens: int | None = Field(
        default=None, ge=1, description=f"Longest answer, in tokens. Default {DEFAULT_TOKENS}."
    )
    timeout: Duration | None = Field(
        default=None,
        description="How long to go on asking while nobody answers or the answer is 5xx. "
        f"Default {DEFAULT_TIMEOUT}.",
    )
    expect: Annotated[str | None, AfterValidator(_pattern)] = Field(
        default=None, description="Regular expression that the answer must contain. Default: any."
    )
    url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/?#]+$",
        description="Where a private endpoint is reached from here, such as `http://10.0.0.9`.",
    )
    unreachable: Annotated[str | None, one_of("warn", "fail")] = Field(
        default=None,
        description="What happens when the question cannot be put. Default `fail` with `url`, "
        "else `warn`.",
    )

    @property
    def timeout_seconds(self) -> float:
        """Seconds to go on asking."""
        return seconds(self.timeout or DEFAULT_TIMEOUT)

    @property
    def insists(self) -> bool:
        """Whether a deployment that cannot be asked is not to get the traffic of another."""
        return (self.unreachable or ("fail" if self.url else "warn")) == "fail"
