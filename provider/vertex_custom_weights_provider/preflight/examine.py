"""From a folder and a request to a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from msgspec.structs import replace

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.storage import (
    Deadline,
    Listing,
    OutOfTimeError,
    WeightsSource,
    Workers,
)

from .deployment.machine_exists import check_machine
from .deployment.machine_options import check_fit, machine_options
from .deployment.memory import Footprint
from .deployment.quota_and_price import Quota, check_place, cost, cost_findings, quota_need
from .deployment.service_opinion import Opinion, Recommend, ask, check_opinion
from .deployment.stated_base_model import check_stated
from .findings import Finding, verdict, warn
from .report import Report
from .request import Request
from .weights.contents import Weights
from .weights.memo import Memo
from .weights.shards import Progress
from .weights.study import list_weights, study

T = TypeVar("T")
_SEVERITIES = ("error", "warn", "info")
# Provisioning took 20-23 minutes where it was reported; loading is bound by the download.
_PROVISIONING_MINUTES = 18
_GB_PER_MINUTE = 15
# With these a model reads more than its max_position_embeddings.
_STRETCHING = ("linear", "dynamic", "yarn")


def examine(
    source: WeightsSource,
    request: Request | None = None,
    *,
    progress: Progress | None = None,
    recommend: Recommend | None = None,
    quota: Quota | None = None,
    listing: Listing | None = None,
    memo: Memo | None = None,
    deadline: Deadline | None = None,
) -> Report:
    """Examine a folder of weights for a deployment.

    Bad weights, missing permissions and a silent store all come back as findings; nothing is
    raised for them.

    Args:
        source: Where the weights are.
        request: What is to be deployed; nothing in it is required.
        progress: Called with weight files read, and their number.
        recommend: Asks the service about a folder; its word counts.
        quota: Says what a project may use of an accelerator in a region.
        listing: A listing taken a moment ago, to save making another.
        memo: Remembers folders that were studied, for callers that ask about some again.
        deadline: When the examination ends with what is known by then; default in 30 seconds.
    """
    wanted = request or Request()
    until = deadline or Deadline()
    kept = memo or Memo()
    with Workers(3, "questions") as workers:
        ask_service = _asked_ahead(workers, until, recommend, source.uri)
        ask_quota = _asked_ahead(workers, until, quota, *_quota_question(wanted))
        ask_place = _asked_ahead(workers, until, _whereabouts(kept, source), *_place(wanted))
        return judge(
            study_folder(source, progress=progress, listing=listing, memo=kept, deadline=until),
            wanted,
            recommend=ask_service,
            quota=ask_quota,
            place=ask_place() if ask_place else None,
        )


def _asked_ahead(
    workers: Workers, until: Deadline, question: Callable[..., T | None] | None, *about: str
) -> Callable[..., T | None] | None:
    """Put a question while the headers are read; what is returned waits for the answer."""
    if question is None or not about:
        return None
    answer = workers.submit(lambda: question(*about))

    def answered(*_: str) -> T | None:
        try:
            return until.wait(answer)
        except OutOfTimeError:
            return None

    return answered


def _whereabouts(memo: Memo, source: WeightsSource) -> Callable[[str], str | None]:
    return lambda _: memo.place(source.uri, source.location)


def _place(request: Request) -> tuple[str, ...]:
    """Ask where the bucket is only if there is a region to compare with."""
    return (request.location,) if request.location else ()


def _quota_question(request: Request) -> tuple[str, ...]:
    kind, region = request.accelerator_type, request.location
    return (kind, region) if kind and region else ()


def study_folder(
    source: WeightsSource,
    *,
    progress: Progress | None = None,
    listing: Listing | None = None,
    memo: Memo | None = None,
    deadline: Deadline | None = None,
) -> Weights:
    """Do the part of an examination that depends on the weights alone."""
    until = deadline or Deadline()
    found = listing if listing is not None else list_weights(source, until)
    if isinstance(found, Weights):
        return found
    return (memo or Memo()).get(found, lambda: study(source, found, progress, until))


def judge(
    weights: Weights,
    request: Request,
    *,
    recommend: Recommend | None = None,
    quota: Quota | None = None,
    place: str | None = None,
) -> Report:
    """Do the part of an examination that depends on the deployment.

    Args:
        weights: What a study has found.
        request: What is to be deployed.
        recommend: Asks the service about a folder.
        quota: Says what a project may use.
        place: Where the bucket is; None when that is not known.
    """
    footprint = _footprint(weights, request)
    options = machine_options(footprint, request.location) if footprint else ()
    opinion = _asked(recommend, weights)
    need = quota_need(request, quota)
    price = cost(request)
    findings = (
        *_weigh(weights, request, opinion),
        *check_stated(request, weights, opinion),
        *check_machine(request),
        *(check_fit(footprint, request, options, weights.rows) if footprint else ()),
        *check_place(request, need),
        *_near(place, request),
        *cost_findings(price),
        *check_opinion(opinion, weights.rows),
    )
    return Report(
        uri=weights.uri,
        verdict=verdict(findings),
        findings=_sorted(findings),
        base_models=tuple(row.id for row in weights.rows),
        fingerprint=weights.digest,
        bytes_on_disk=weights.bytes_on_disk,
        bytes_in_memory=footprint.weight_bytes if footprint else None,
        tensors=weights.tensors,
        machines=options,
        recommended=opinion.machines,
        service_base_model=opinion.base_model,
        cost=price,
        quota=need,
        expected_minutes=_minutes(footprint),
        complete=weights.complete,
    )


def _asked(recommend: Recommend | None, weights: Weights) -> Opinion:
    opinion = ask(recommend, weights.uri)
    if opinion.refusal and verdict(weights.findings) == "error":
        return Opinion()  # it would say again, less plainly, what was found
    return opinion


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda f: _SEVERITIES.index(f.severity)))


def _weigh(weights: Weights, request: Request, opinion: Opinion) -> Iterator[Finding]:
    """Raise or lower findings about the weights by what the request and the service say."""
    accepted = opinion.base_model is not None
    for finding in weights.findings:
        doubt = finding.id == rules.M1.id or (finding.id == rules.Q1.id and weights.native)
        if accepted and doubt and finding.severity == "warn":
            yield replace(finding, severity="info")
        elif request.strict and finding.id == rules.M1.id and finding.severity == "warn":
            yield replace(finding, severity="error")
        else:
            yield finding


def _footprint(weights: Weights, request: Request) -> Footprint | None:
    """Return what the model takes; None when neither headers nor catalog can tell."""
    text, row = weights.text, weights.rows[0] if weights.rows else None
    shape = text.shape if text else None
    served = weights.served_bytes
    if shape is None or text is None:
        return None
    if served is None and row is not None:
        served = row.native_bytes if weights.native else row.bf16_bytes
    if served is None:
        return None
    return Footprint(
        weight_bytes=served,
        attention=row.attention if row else _plain_attention(shape, text),
        heads=shape.heads,
        kv_heads=shape.kv_heads,
        multimodal=text.has_vision,
        context_tokens=_context(request, text),
        native=weights.native,
        dtype=_dtype(text),
    )


def _context(request: Request, text: catalog.TextConfig) -> int:
    """Return the sequence length to plan with: never more than the model reads."""
    longest = text.values.get("max_position_embeddings")
    if type(longest) is not int or longest < 1 or text.rope_type in _STRETCHING:
        return request.context_tokens
    return min(request.context_tokens, longest)


def _dtype(text: catalog.TextConfig) -> str:
    stated = text.values.get("dtype") or text.values.get("torch_dtype")
    return stated if isinstance(stated, str) else "bfloat16"


def _plain_attention(shape: catalog.Shape, text: catalog.TextConfig) -> catalog.Attention:
    """Assume full attention in every layer of a model that is not in the catalog."""
    stated = text.values.get("head_dim")
    size = stated if type(stated) is int else shape.hidden // shape.heads
    return catalog.Attention(
        full_layers=shape.layers,
        window_layers=0,
        window=None,
        bytes_per_token_per_layer=2 * shape.kv_heads * size * 2,
        state_bytes=0,
        replicated=False,
    )


def _near(place: str | None, request: Request) -> Iterator[Finding]:
    """Warn when the bucket is far from the region."""
    regions = {region.id: region for region in catalog.regions()}
    region = regions.get(request.location or "")
    if region and place and not region.holds(place):
        yield warn(
            rules.F1,
            f"The bucket is in {place} and the endpoint in {region.id}: replicas "
            "start slower, and the transfer is billed. Use a bucket in the region.",
        )


def _minutes(footprint: Footprint | None) -> int | None:
    if footprint is None:
        return None
    return round(_PROVISIONING_MINUTES + footprint.weight_bytes / 1e9 / _GB_PER_MINUTE)
