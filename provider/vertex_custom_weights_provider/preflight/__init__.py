"""Findings about weights, machine, place and price, before anything is deployed.

Reads listings, small JSON files and safetensors headers by ranged requests; never a tensor, never
a pickle beyond its first four bytes, never code, and nothing is rendered or run.
"""

from vertex_custom_weights_provider.storage.inventory import listing_digest

from .deployment.machine_options import MachineOption
from .deployment.questions import quota_reader, recommender
from .deployment.quota_and_price import Cost, Quota, QuotaNeed, QuotaState
from .deployment.service_opinion import Recommend, RecommendedMachine
from .examine import examine, judge, study_folder
from .findings import Finding, Verdict
from .report import Report
from .request import Request
from .rules import Severity
from .weights.contents import Weights
from .weights.memo import Memo
from .weights.shards import Progress

__all__ = [
    "Cost",
    "Finding",
    "MachineOption",
    "Memo",
    "Progress",
    "Quota",
    "QuotaNeed",
    "QuotaState",
    "Recommend",
    "RecommendedMachine",
    "Report",
    "Request",
    "Severity",
    "Verdict",
    "Weights",
    "examine",
    "judge",
    "listing_digest",
    "quota_reader",
    "recommender",
    "study_folder",
]
