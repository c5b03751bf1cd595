"""Asks Google what only Google knows: what it takes a folder for, and what quota is left.

Both are best effort. A caller that may not ask, a service that is switched off or a store that is
silent come back as "unknown"; they never stop a preview.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from vertex_custom_weights_provider import catalog, errors

from .quota_and_price import Quota, QuotaState
from .service_opinion import Recommend

_QUOTAS = "https://cloudquotas.googleapis.com/v1"
_MONITORING = "https://monitoring.googleapis.com/v3"
_SERVICE = "aiplatform.googleapis.com"
# A quota that nobody draws on reports once a day.
_USAGE_WINDOW = timedelta(hours=25)
# Asked once and not again: a preview does not wait for what it can do without.
_RECOMMEND_SECONDS = 60.0
_QUOTA_SECONDS = 10.0


class JsonRest(Protocol):
    """The HTTP calls this needs; raises the errors of the package's error tree."""

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Send a request and return the JSON object of its answer."""
        ...


def recommender(rest: JsonRest, project: str, location: str) -> Recommend:
    """Return what asks recommendSpec, which reads the folder and changes nothing."""

    def recommend(uri: str) -> Mapping[str, Any] | None:
        host = f"https://{location}-aiplatform.googleapis.com"
        parent = f"projects/{project}/locations/{location}"
        return rest.send(
            "POST",
            f"{host}/v1beta1/{parent}:recommendSpec",
            body={"gcsUri": uri},
            timeout=_RECOMMEND_SECONDS,
        )

    return recommend


def quota_reader(rest: JsonRest, project: str) -> Quota:
    """Return what reads limit and usage of an accelerator's on-demand serving quota."""

    def read(accelerator: str, region: str) -> QuotaState | None:
        known = {row.id: row for row in catalog.accelerators()}
        row = known.get(accelerator)
        if row is None or row.quota_id is None:
            return None
        try:
            limit = _limit(rest, project, row.quota_id, region)
            if limit is None:
                return None
            return QuotaState(limit, _usage(rest, project, row.quota_metric, region))
        except (AttributeError, LookupError, TypeError, ValueError):
            return None  # an answer of another shape says nothing

    return read


def _limit(rest: JsonRest, project: str, quota_id: str, region: str) -> int | None:
    path = f"projects/{project}/locations/global/services/{_SERVICE}/quotaInfos/{quota_id}"
    try:
        answer = rest.send("GET", f"{_QUOTAS}/{path}", timeout=_QUOTA_SECONDS)
    except errors.VcwError:
        return None
    for entry in answer.get("dimensionsInfos", ()):
        named = entry.get("dimensions", {}).get("region")
        if named == region or region in entry.get("applicableLocations", ()):
            value = entry.get("details", {}).get("value")
            return int(value) if value is not None else None
    return None


def _usage(rest: JsonRest, project: str, metric: str, region: str) -> int | None:
    now = datetime.now(UTC)
    wanted = (
        'metric.type="serviceruntime.googleapis.com/quota/allocation/usage"',
        f'metric.labels.quota_metric="{metric}"',
        f'resource.labels.location="{region}"',
    )
    params = {
        "filter": " AND ".join(wanted),
        "interval.startTime": _rfc3339(now - _USAGE_WINDOW),
        "interval.endTime": _rfc3339(now),
    }
    try:
        url = f"{_MONITORING}/projects/{project}/timeSeries"
        answer = rest.send("GET", url, params=params, timeout=_QUOTA_SECONDS)
    except errors.VcwError:
        return None
    latest = [
        int(series["points"][0]["value"].get("int64Value", 0))
        for series in answer.get("timeSeries", ())
        if series.get("points")
    ]
    return sum(latest)  # no series means that nothing was ever used


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
