"""`adopt`: the name of an object that exists, to be taken over instead of made."""

from __future__ import annotations

import re
from typing import Annotated

from vertex_custom_weights_provider.properties.base import AT_CREATION, Rule, says

_ENDPOINT = "projects/PROJECT/locations/LOCATION/endpoints/ID"
_HOST = re.compile(r"https://[^/]+/(?:compute/)?v\w+/")


def _named(*shapes: str) -> Rule:
    """Accept names of these shapes, in which words in capitals stand for any segment."""
    patterns = [re.compile(re.sub(r"[A-Z]+", "[^/]+", shape)) for shape in shapes]

    def check(value: str) -> str:
        name = _HOST.sub("", value, count=1)
        if not any(pattern.fullmatch(name) for pattern in patterns):
            raise ValueError(f"{value!r} is not a full name; write {' or '.join(shapes)}")
        return name

    return Rule(check)


_FIELD = says(
    "Full name of an object that exists: it is taken over instead of a new one being "
    "made. Looked at when the resource is created; without effect, and free to go, afterwards."
)
AdoptEndpoint = Annotated[str | None, _named(_ENDPOINT), _FIELD, AT_CREATION]
AdoptDeployment = Annotated[
    str | None, _named(_ENDPOINT, f"{_ENDPOINT}/deployedModels/ID"), _FIELD, AT_CREATION
]
AdoptSplit = Annotated[
    str | None, _named(f"{_ENDPOINT}/trafficSplit", _ENDPOINT), _FIELD, AT_CREATION
]
AdoptAddress = Annotated[
    str | None, _named("projects/PROJECT/regions/REGION/addresses/NAME"), _FIELD, AT_CREATION
]
AdoptForwardingRule = Annotated[
    str | None, _named("projects/PROJECT/regions/REGION/forwardingRules/NAME"), _FIELD, AT_CREATION
]
