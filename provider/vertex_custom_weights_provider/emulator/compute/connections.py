"""Private Service Connect as the consumer sees it: what has become of a rule's connection."""

from __future__ import annotations

from vertex_custom_weights_provider.emulator import attachments
from vertex_custom_weights_provider.emulator.envelope import Json
from vertex_custom_weights_provider.emulator.names import project_number
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from .allocation import RULE
from .naming import relative


def status(tx: Transaction, record: Json, now: float) -> str:
    """The connection's status; computed when it is read, from the producer's side."""
    if record["state"] == "creating":
        return "PENDING"
    attachment = attachments.state(tx, record["resource"]["target"], now)
    if attachment is None:
        return "CLOSED"
    if "refusal" in record:
        return str(record["refusal"])
    allowed = project_number(record["project"]) in attachment.allowlist
    if not allowed and tx.speaks("strangers-rejected"):
        return "REJECTED"
    return "ACCEPTED" if allowed and now >= record.get("acceptedFrom", 0) else "PENDING"


def target_of(tx: Transaction, address: str, now: float) -> str | None:
    """The service attachment that an accepted rule with this IP address leads to."""
    for record in tx.find(RULE, "ip", address):
        if status(tx, record, now) == "ACCEPTED":
            return relative(record["resource"]["target"])
    return None


def reachable(tx: Transaction, attachment: str, now: float) -> bool:
    """Whether any accepted rule leads to a service attachment."""
    rules = tx.find(RULE, "target", attachment)
    return any(status(tx, record, now) == "ACCEPTED" for record in rules)
