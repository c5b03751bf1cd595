"""What a deployment asks for, as far as it can be checked before it is tried."""

from __future__ import annotations

import msgspec

PLANNED_CONTEXT = 8192


class Request(msgspec.Struct, frozen=True):
    """The deployment's side of an examination. Nothing is required: unknown is None.

    Attributes:
        machine_type: Machine type; None lets the service choose.
        accelerator_type: Accelerator, as the API's enum name.
        accelerator_count: Accelerators a replica.
        location: Vertex AI region.
        min_replicas: Replicas that always run.
        max_replicas: Replicas that quota must allow for.
        spot: Runs on Spot capacity, which has a quota of its own.
        context_tokens: Sequence length that one replica must hold at least.
        strict: Refuse base models that are not in the documented table.
        base_model: What the weights are said to be tuned from: a name that the catalog knows.
        family: Family of models that they have to be of, as the catalog calls it.
    """

    machine_type: str | None = None
    accelerator_type: str | None = None
    accelerator_count: int | None = None
    location: str | None = None
    min_replicas: int = 1
    max_replicas: int = 1
    spot: bool = False
    context_tokens: int = PLANNED_CONTEXT
    strict: bool = False
    base_model: str | None = None
    family: str | None = None
