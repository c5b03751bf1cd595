"""What a look at a folder of weights has found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.preflight.findings import Finding


class Weights(msgspec.Struct, frozen=True):
    """What a folder holds.

    Attributes:
        uri: The folder.
        digest: Fingerprint of the bytes that serving reads; None when it could not be listed.
        findings: Everything wrong with it.
        rows: Catalog rows it was recognised as.
        config: Parsed `config.json`, empty when there is none.
        text: Its decoder part.
        bytes_on_disk: Of the files that serving reads.
        served_bytes: Loaded into accelerator memory, from the headers; None when they were not
            all readable.
        tensors: Number of tensors seen.
        native: The weights are in the published quantized form.
        complete: Everything that should be read could be read.
    """

    uri: str
    digest: str | None
    findings: tuple[Finding, ...]
    rows: tuple[catalog.Model, ...] = ()
    config: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])
    text: catalog.TextConfig | None = None
    bytes_on_disk: int = 0
    served_bytes: int | None = None
    tensors: int = 0
    native: bool = False
    complete: bool = True
