"""Properties that several resources share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from vertex_custom_weights_provider.properties.base import (
    COMPUTED,
    IN_PLACE,
    INTERNAL,
    STATE_ONLY,
    Configured,
    Problem,
    Rule,
    Spec,
    Wrong,
    one_of,
    replaces,
    says,
)
from vertex_custom_weights_provider.properties.durations import Duration, seconds
from vertex_custom_weights_provider.properties.values import CountOrZero

STATUS = (
    "What was last seen of it. `ready`; `unfinished`, begun and not seen to its end, which the "
    "next update finishes; `undeployed` by somebody else, so that it is made anew; `removal begun` "
    "and not seen to its end, so that it is made again; `superseded` or `unmarked`, when it bears "
    "the mark of another run or none, and is marked again."
)
"""What the output `status` says."""


class Timeouts(Spec, frozen=True, kw_only=True):
    """How long to wait for Google before giving the terminal back. The work itself goes on."""

    create: Annotated[Duration, says("For a creation, such as `90m`.", default="2h")] = "7200s"
    update: Annotated[
        Duration, says("For a change in place, a rollout included.", default="2h")
    ] = "7200s"
    delete: Annotated[Duration, says("For a removal.", default="1h")] = "3600s"

    @property
    def create_seconds(self) -> float:
        """Seconds to wait for a creation."""
        return seconds(self.create)

    @property
    def update_seconds(self) -> float:
        """Seconds to wait for a change in place."""
        return seconds(self.update)

    @property
    def delete_seconds(self) -> float:
        """Seconds to wait for a removal."""
        return seconds(self.delete)


_ENDPOINT = re.compile(r"projects/[^/]+/locations/[^/]+/endpoints/[^/]+")


def endpoint_name(value: str) -> str:
    """Require the full resource name of an endpoint.

    Raises:
        ValueError: it is something else.
    """
    if not _ENDPOINT.fullmatch(value):
        raise ValueError(
            f"{value!r} is not an endpoint; write projects/PROJECT/locations/LOCATION/endpoints/ID"
        )
    return value


ProjectField = Annotated[
    str,
    Configured("project"),
    says("Google Cloud project that holds the object.", default="the configured `gcp:project`"),
    replaces("an object cannot move to another project"),
]
LocationField = Annotated[
    str,
    Configured("region"),
    says("Region, such as `us-central1`.", default="the configured `gcp:region`"),
    replaces("an object cannot move to another region"),
]
OwnerField = Annotated[
    str | None,
    INTERNAL,
    says("URN of the resource that manages the object; stamped on it as labels."),
    IN_PLACE,
    COMPUTED,
]
_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_MOST_LABELS = 58  # of Google's 64; six of ours say whose an object is, and which creation made it


def _labels(labels: dict[str, str]) -> dict[str, str] | None:
    if len(labels) > _MOST_LABELS:
        raise ValueError(
            f"has {len(labels)} entries; the limit is {_MOST_LABELS}, because Google Cloud takes "
            "64 and ownership takes 6"
        )
    if problems := list(_label_problems(labels)):
        raise Wrong(*problems)
    return labels or None  # the API does not tell no labels from an empty map


def _label_problems(labels: dict[str, str]) -> Iterator[Problem]:
    for key, value in labels.items():
        if key.startswith("vcw-"):
            yield Problem(key, "labels that start with vcw- are kept for ownership. Rename it.")
        elif not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            yield Problem(
                key,
                f"{value!r} or its key is not a label: up to 63 lowercase letters, digits, _ and "
                "-, and a key starts with a letter (Google Cloud's rule).",
            )


LabelsField = Annotated[
    dict[str, str] | None,
    says("Labels of your own, at most 58. Labels others put there are left alone."),
    Rule(_labels),
    IN_PLACE,
]
TimeoutsField = Annotated[
    Timeouts | None,
    says("How long to wait for Google; the work goes on when the wait ends."),
    STATE_ONLY,
]


DeletionPolicyField = Annotated[
    str | None,
    says("`delete` removes the object with the resource; `abandon` leaves it.", default="`delete`"),
    one_of("delete", "abandon"),
    STATE_ONLY,
]
PreflightField = Annotated[
    str | None,
    says(
        "What findings about the weights do: stop, only warn, or nothing because nobody looks.",
        default="`enforce`",
    ),
    one_of("enforce", "warn", "off"),
    STATE_ONLY,
]
WeightsChangesField = Annotated[
    str | None,
    says(
        "What new bytes under the same `gcsUri` do. `rollout` deploys them; "
        "`ignore` leaves what is deployed, until something else replaces it.",
        default="`rollout`",
    ),
    one_of("rollout", "ignore"),
    STATE_ONLY,
]
GenerationField = Annotated[
    CountOrZero | None,
    says("Raise it to deploy anew although nothing else changed.", default="0"),
    replaces("a new generation was asked for", unless="endpoint"),
]
