"""Service attachments: the producer side of Private Service Connect.

One attachment serves all endpoints of a project and region that allow the same projects. It comes
with the first deployment and goes ten virtual minutes after the last one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

import msgspec

from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.names import project_number
from vertex_custom_weights_provider.emulator.state.timers import Moment, effect
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

KIND = "attachment"
LINGER_SECONDS = 600.0
MOST_ALLOWLISTS = 10


class Attachment(msgspec.Struct, frozen=True):
    """A service attachment that exists.

    Attributes:
        name: `projects/{tenant}-tp/regions/{region}/serviceAttachments/gkedpm-{hex}`.
        allowlist: Numbers of the projects that may connect.
    """

    name: str
    allowlist: frozenset[str]


def allowed(location: str, config: Json) -> list[str]:
    """Return the project numbers a PSC configuration allows; blank means its own project."""
    listed: Sequence[str] = config.get("projectAllowlist") or [location.split("/")[1]]
    return sorted({project_number(project) for project in listed})


def _key(location: str, numbers: Sequence[str]) -> str:
    return f"{location}|{','.join(numbers)}"


def check_limit(tx: Transaction, location: str, config: Json) -> None:
    """Refuse one allowlist value too many in a project."""
    project = location.split("/")[1]
    known = {body["key"].partition("|")[2] for body in tx.find(KIND, "project", project)}
    if len(known | {",".join(allowed(location, config))}) > MOST_ALLOWLISTS:
        refuse(
            "FAILED_PRECONDITION",
            f"Project {project} already uses {MOST_ALLOWLISTS} different values of"
            " private_service_connect_config.project_allowlist, which is the limit.",
        )


def ensure(tx: Transaction, location: str, config: Json) -> str:
    """Return the attachment for a PSC configuration, made now if there is none; keep it alive."""
    key = _key(location, allowed(location, config))
    known = tx.find(KIND, "key", key)
    if known:
        tx.unschedule(known[0]["name"])
        return known[0]["name"]
    _, project, _, region = location.split("/")
    tenant = hashlib.sha256(project.encode()).hexdigest()[:16]
    suffix = secrets.token_hex(20)
    name = f"projects/x{tenant}-tp/regions/{region}/serviceAttachments/gkedpm-{suffix}"
    body = {"name": name, "key": key, "allowlist": allowed(location, config)}
    tx.put(KIND, name, body, facets={"key": key, "project": project})
    return name


def release(tx: Transaction, name: str, now: float) -> None:
    """Let an attachment go in ten minutes unless an endpoint still has a deployment behind it."""
    if not tx.find("endpoint", "attachment", name):
        tx.unschedule(name)
        tx.schedule(now + LINGER_SECONDS, "attachment.expire", {"name": name}, name)


@effect("attachment.expire")
def _expire(moment: Moment, payload: Json) -> None:
    moment.tx.delete(KIND, payload["name"])


def state(tx: Transaction, target: str, now: float) -> Attachment | None:
    """Return the attachment a forwarding rule's target means (a URL or a name), if it exists.

    `now` is the time of the call; what was due by then has happened already.
    """
    start = target.find("projects/")
    body = tx.get(KIND, target[start:]) if start >= 0 else None
    return Attachment(body["name"], frozenset(body["allowlist"])) if body else None
