"""The call being served, with the resource's name before its lines.

Some displays, `pulumi preview --diff` among them, print what a resource has to say without saying
which resource it is. Properties are called as the person who declared it calls them.
"""

from __future__ import annotations

from dataclasses import replace

from vertex_custom_weights_provider.call.call import Call, Severity
from vertex_custom_weights_provider.call.current import current


def served() -> Call:
    """Return the current call; its lasting lines begin with the name of the resource."""
    call = current()
    if not call.urn:
        return call

    def told(severity: Severity, message: str, urn: str, ephemeral: bool) -> None:
        plain = ephemeral or severity is Severity.DEBUG
        call.sink(severity, message if plain else named(call.urn, message), urn, ephemeral)

    return replace(call, sink=told)


def named(urn: str, message: str) -> str:
    """Return what is said of a resource, behind its name and in its declarer's own words."""
    from vertex_custom_weights_provider.adapter import phase  # which keeps what was refused

    told = phase.current().words(urn).text(message)
    name = urn.rsplit("::", 1)[-1]
    return f"{name}: {told}" if name else told
