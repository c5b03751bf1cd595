"""The result of an examination."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .deployment.machine_options import MachineOption
from .deployment.quota_and_price import Cost, QuotaNeed
from .deployment.service_opinion import RecommendedMachine
from .findings import Finding, Verdict

_ALTERNATIVES = ("machines", "recommended")


class Report(msgspec.Struct, frozen=True):
    """What is known about a folder of weights and a deployment of it.

    Attributes:
        uri: The folder.
        verdict: The worst severity among the findings.
        findings: Errors first.
        base_models: Ids of the catalog rows it may be; several where nothing can tell them apart.
        fingerprint: Changes when the bytes that serving reads change; None if unlisted.
        bytes_on_disk: Of the files that serving reads.
        bytes_in_memory: Loaded weights; None when unknown.
        tensors: Number of tensors.
        machines: Machines that would do, the cheapest first.
        recommended: Machines that the service proposes.
        service_base_model: What the service takes it for.
        cost: Price an hour; None without a machine or a price.
        quota: What it draws from quota; None without an accelerator.
        expected_minutes: Of a deployment, an estimate.
        complete: False when something could not be read, so that "ok" says less.
    """

    uri: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    base_models: tuple[str, ...]
    fingerprint: str | None
    bytes_on_disk: int
    bytes_in_memory: int | None
    tensors: int
    machines: tuple[MachineOption, ...]
    recommended: tuple[RecommendedMachine, ...]
    service_base_model: str | None
    cost: Cost | None
    quota: QuotaNeed | None
    expected_minutes: int | None
    complete: bool

    def as_dict(self) -> Mapping[str, Any]:
        """Return plain data, as `vcw preflight --json` prints it."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        for finding, plain in zip(self.findings, data["findings"], strict=True):
            plain["doc_anchor"] = finding.doc_anchor
        for option, plain in zip(self.machines, data["machines"], strict=True):
            plain["headroom_gib"] = round(option.headroom_gib, 1)
        return data

    def facts(self) -> Mapping[str, Any]:
        """Return what reports are made of: everything but the alternatives to the machine."""
        return {key: value for key, value in self.as_dict().items() if key not in _ALTERNATIVES}
