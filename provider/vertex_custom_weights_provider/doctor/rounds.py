"""The whole round: which checks are made for a stack, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from vertex_custom_weights_provider.preflight import quota_reader
from vertex_custom_weights_provider.preflight.deployment.questions import JsonRest

from . import capacity, network, permissions, project, weights
from .check import Check
from .identity import Identity, check_credentials
from .wanted import Wanted

if TYPE_CHECKING:
    from vertex_custom_weights_provider.settings import CredentialSettings

_AT_ONCE = 8
_SERVING = ("aiplatform.googleapis.com", "storage.googleapis.com")
_CONNECTING = ("compute.googleapis.com",)
_AUTOMATING = ("networkconnectivity.googleapis.com",)
_EMULATOR = (
    "None: the emulator plays Google. Services, permissions, quota and networks are looked at "
    "with backend google."
)
Look = Callable[[], Iterable[Check]]


@dataclass(frozen=True)
class Patient:
    """Whom to examine, and through what.

    Attributes:
        wanted: What the stack wants.
        rest: The transport; authorised, where there are credentials.
        project: Default project of the stack; "" when it has none.
        credentials: Settings of the credentials; None on the emulator, which needs none.
        identity: Whose they are; None on the emulator.
    """

    wanted: Wanted
    rest: JsonRest
    project: str
    credentials: CredentialSettings | None = None
    identity: Identity | None = None

    @property
    def serving(self) -> tuple[str, ...]:
        """Projects of endpoints; the stack's own while nothing is declared."""
        return self.wanted.projects or ((self.project,) if self.project else ())

    @property
    def connecting(self) -> tuple[str, ...]:
        """Projects that private connections are made in."""
        return tuple(sorted({c.project for c in self.wanted.connections if c.project}))


def examine(patient: Patient) -> Iterator[tuple[str, list[Check]]]:
    """Yield the checks of each concern as they are done.

    On the emulator there are no projects, roles, quotas and networks to look at.
    """
    if patient.credentials is None or patient.identity is None:
        yield "Google", [Check("account", "note", _EMULATOR)]
        yield "Weights", _together(_folders(patient))
        yield "Machines", list(capacity.check_regions(patient.wanted.deployments))
        return
    check, who = check_credentials(patient.credentials, patient.identity, patient.rest)
    yield "Identity", [check]
    if check.status == "problem":
        return  # nothing else would be answered
    found = {one: project.check_project(patient.rest, one) for one in patient.serving}
    yield "Projects", list(chain.from_iterable(checks for _, checks in found.values()))
    yield "Services", _together(_services(patient))
    yield "Permissions", _together(_permissions(patient, who))
    buckets = _buckets(patient, {one: known for one, (known, _) in found.items()})
    yield "Weights", _together([*_folders(patient), *buckets])
    yield "Machines", _together(_machines(patient))
    yield "Network", _together(_network(patient))


def _together(looks: Iterable[Look]) -> list[Check]:
    """Look at several things at once; the checks keep their order."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(chain.from_iterable(pool.map(_made, looks)))


def _made(look: Look) -> list[Check]:
    return list(look())


def _services(patient: Patient) -> Iterator[Look]:
    automated = {p for access in patient.wanted.accesses for p, _ in access.automated}
    needed = [(one, _SERVING) for one in patient.serving]
    needed += [(one, _CONNECTING) for one in patient.connecting]
    needed += [(one, _AUTOMATING) for one in sorted(automated)]
    for one, services in needed:
        for service in services:
            by_stack = (one, service) in patient.wanted.enabled
            yield partial(project.check_service, patient.rest, one, service, by_stack=by_stack)


def _permissions(patient: Patient, who: str) -> Iterator[Look]:
    asked = [(one, permissions.SERVING, "serving") for one in patient.serving]
    asked += [(one, permissions.CONNECTING, "connecting") for one in patient.connecting]
    for one, needed, purpose in asked:
        yield partial(permissions.check_permissions, patient.rest, one, needed, who, purpose)


def _folders(patient: Patient) -> Iterator[Look]:
    for uri in sorted({d.weights_uri for d in patient.wanted.deployments if d.weights_uri}):
        yield partial(weights.check_folder, patient.rest, uri)


def _buckets(patient: Patient, known: dict[str, project.Project]) -> Iterator[Look]:
    wanted = {
        (d.weights_uri.removeprefix("gs://").split("/")[0], d.location, d.project)
        for d in patient.wanted.deployments
        if d.weights_uri
    }
    for bucket, location, owner in sorted(wanted):
        found = known.get(owner, project.Project(owner))
        by_stack = bucket in patient.wanted.granted
        yield partial(
            weights.check_bucket, patient.rest, bucket, location, found, by_stack=by_stack
        )


def _machines(patient: Patient) -> Iterator[Look]:
    deployments = patient.wanted.deployments
    yield partial(capacity.check_regions, deployments)
    yield partial(capacity.check_quota, deployments, partial(quota_reader, patient.rest))


def _network(patient: Patient) -> Iterator[Look]:
    wanted = patient.wanted
    yield partial(network.check_networks, patient.rest, wanted.connections)
    yield partial(network.check_allowlists, wanted.accesses, wanted.connections)
    yield partial(network.check_automation, patient.rest, wanted.accesses)
