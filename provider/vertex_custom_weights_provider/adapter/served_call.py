"""The call being served, with the resource's name before its lines.

Some displays, `pulumi preview --diff` among them, print what a resource has to say without saying
which resource it is.
"""

from __future__ import annotations

from dataclasses import replace

from vertex_custom_weights_provider.call.call import Call, Severity
from vertex_custom_weights_provider.call.current import current


def served() -> Call:
    """Return the current call; its lasting lines begin with the name of the resource."""
    call = current()
    name = call.urn.rsplit("::", 1)[-1]
    if not name:
        return call

    def named(severity: Severity, message: str, urn: str, ephemeral: bool) -> None:
        plain = ephemeral or severity is Severity.DEBUG
        call.sink(severity, message if plain else f"{name}: {message}", urn, ephemeral)

    return replace(call, sink=named)
