"""Kinds of values that properties of several specs hold."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

Count = Annotated[int, Meta(ge=1)]
CountOrZero = Annotated[int, Meta(ge=0)]
Percent = Annotated[int, Meta(ge=0, le=100)]
PortNumber = Annotated[int, Meta(ge=1, le=65535)]
DisplayName = Annotated[str, Meta(max_length=128)]

# `$` would let a line break follow.
EndpointId = Annotated[str, Meta(pattern=r"^([a-z]([a-z0-9-]{0,61}[a-z0-9])?|[1-9][0-9]{0,8})\Z")]
ModelId = Annotated[str, Meta(pattern=r"^[a-z_][a-z0-9_-]{0,62}\Z")]
ComputeName = Annotated[str, Meta(pattern=r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?\Z")]
BaseUrl = Annotated[str, Meta(pattern=r"^https?://[^/?#\s]+\Z")]
