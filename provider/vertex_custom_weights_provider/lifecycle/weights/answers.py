"""Whom an examination asks beside the weights, and that nobody is asked the same thing twice.

A stack has many deployments of few kinds, and a caller who may not ask about one may not ask about
the next either. So answers are kept for as long as the connections are: one run of the engine.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, cast

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud

if TYPE_CHECKING:
    from vertex_custom_weights_provider.preflight import Quota, QuotaState, Recommend

Key = tuple[str, ...]
# Of these the next question to the same place would get no other answer.
_NOT_FOR_YOU = (errors.PermissionDenied, errors.Unauthenticated, errors.NotFound, errors.NoAnswer)


class Answers:
    """Answers by question; a question that is being asked is waited for, not asked again."""

    def __init__(self) -> None:
        """Start with no answers."""
        self._lock = threading.Lock()
        self._kept: dict[Key, Future[Any]] = {}
        self._silent: set[Key] = set()

    def get(self, place: Key, about: Key, ask: Callable[[], Any]) -> Any:
        """Return the answer to a question, or raise what it ended with.

        Args:
            place: Who is asked; who refuses to speak is not asked about anything else.
            about: What is asked.
            ask: Asks it.
        """
        with self._lock:
            if place in self._silent:
                return None
            found = self._kept.get((*place, *about))
            answer: Future[Any] = found or Future()
            self._kept[*place, *about] = answer
        if found is None:
            self._fill(answer, place, ask)
        return answer.result()

    def _fill(self, answer: Future[Any], place: Key, ask: Callable[[], Any]) -> None:
        try:
            answer.set_result(ask())
        except BaseException as failed:
            if isinstance(failed, _NOT_FOR_YOU):
                with self._lock:
                    self._silent.add(place)
            answer.set_exception(failed)


def service(cloud: Cloud, project: str, location: str, digest: str | None) -> Recommend:
    """Return what asks recommendSpec about a folder, once for the same bytes.

    Args:
        cloud: Whom to ask through.
        project: Project of the deployment.
        location: Its region.
        digest: Of the folder's listing.
    """
    from vertex_custom_weights_provider.preflight import recommender

    answers = cloud.memory.of(Answers)
    ask = recommender(cloud.storage_rest, project, location)

    def recommend(uri: str) -> Mapping[str, Any] | None:
        place = ("recommendSpec", project, location)
        found = answers.get(place, (uri, digest or ""), lambda: ask(uri))
        return cast("Mapping[str, Any] | None", found)

    return recommend


def quota(cloud: Cloud, project: str) -> Quota:
    """Return what reads the quota of an accelerator in a region, once for all deployments."""
    from vertex_custom_weights_provider.preflight import quota_reader

    answers, ask = cloud.memory.of(Answers), quota_reader(cloud.storage_rest, project)

    def read(accelerator: str, region: str) -> QuotaState | None:
        about = (accelerator, region)
        found = answers.get(("quota", project), about, lambda: ask(accelerator, region))
        return cast("QuotaState | None", found)

    return read
