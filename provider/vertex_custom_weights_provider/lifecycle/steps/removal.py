"""A removal that was begun says so on its object, before anything is taken away.

The engine keeps what it knew of a resource whose delete has failed, so state cannot tell that its
object is on its way out. The label does, to every run and to every copy of the state; whoever makes
the object again, or takes it over, writes its labels anew and so takes this one off.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping
from typing import Any, TypeVar

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import Endpoint, Json, Model, Regional
from vertex_custom_weights_provider.lifecycle.identity import ownership
from vertex_custom_weights_provider.lifecycle.remedies import permissions
from vertex_custom_weights_provider.lifecycle.steps import compute_objects
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.lifecycle.steps.waiting import END_UNSEEN, finish, unfinished

V = TypeVar("V", Endpoint, Model)
R = TypeVar("R", bound=Regional)


@contextlib.contextmanager
def begun(cloud: Cloud, kind: type[V], name: str, held: object) -> Generator[None]:
    """Mark an endpoint or a model, and say what was begun when the end of its removal is not seen.

    Args:
        cloud: Where.
        kind: Which of the two.
        name: Its full name.
        held: Fencing token of the state that removes it.
    """

    def marked(found: V) -> Json:
        labels = ownership.removing(found.labels, held)
        return {} if labels == found.labels else {"labels": labels}

    with told(name):
        with contextlib.suppress(errors.NotFound):  # gone already
            objects.patch(cloud, kind, name, marked)
        yield


@contextlib.contextmanager
def told(name: str) -> Generator[None]:
    """Say how to go on with a removal whose end is not seen."""
    try:
        yield
    except END_UNSEEN as cut:
        what = permissions.told(cut).rstrip(".")
        raise errors.CutOff(
            f"{what}. The removal of {name} was begun and may go on at Google: `pulumi destroy` "
            "goes on with it, and `pulumi up` makes it again."
        ) from None


def remove_regional(cloud: Cloud, kind: type[R], name: str, held: object, seconds: float) -> None:
    """Remove an address or a rule, unless a newer creation owns it; wait while it is in use."""
    live = cloud.compute.find(kind, name)
    if live is None:
        return
    if ownership.superseded(live.labels, str(held or "")):
        cloud.report.info(ownership.left_alone(name))
        return
    with told(name):
        compute_objects.mark(cloud, kind, name, lambda there: ownership.removing(there, held))
        try:
            compute_objects.delete(cloud, name, seconds)
        except errors.ApiError as refused:
            if isinstance(refused, END_UNSEEN):
                raise
            with contextlib.suppress(errors.VcwError):  # it stays: nothing is on its way out
                compute_objects.mark(cloud, kind, name, ownership.staying)
            raise


def end_regional(cloud: Cloud, kind: type[Regional], name: str) -> None:
    """See the end of a removal that was begun; what has not been removed by then stays.

    Compute Engine refuses new labels while it deletes.
    """
    compute_objects.mark(cloud, kind, name, ownership.staying)


def end(cloud: Cloud, outputs: Mapping[str, Any], seconds: float) -> None:
    """See the end of the removal of an endpoint, and of its model once that is without one."""
    name, model = str(outputs["endpointName"]), str(outputs.get("modelName") or "")
    sit_out(cloud, name, seconds)
    if model and cloud.vertex.find(Endpoint, name) is None:
        objects.remove_model(cloud, model, seconds)


def sit_out(cloud: Cloud, name: str, seconds: float) -> None:
    """Wait for all operations of an object: what was begun is then done, or not to come."""
    for running in tuple(unfinished(cloud, name)):
        with contextlib.suppress(errors.OperationFailed, errors.NotFound):
            finish(cloud, running, f"waiting for the end of what runs on {name}", seconds)
