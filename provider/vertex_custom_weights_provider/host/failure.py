"""What the engine is told when a provider fails.

One message for people, without a traceback; the traceback goes to the debug log of the resource.
A resource that exists but is not ready is answered with its id and outputs, so that the engine
records it instead of forgetting it.
"""

from __future__ import annotations

import traceback
from typing import Any, NoReturn

import grpc
from google.protobuf import any_pb2
from pulumi import RunError
from pulumi.runtime.proto import provider_pb2, status_pb2

from vertex_custom_weights_provider.call.call import Call, InitFailed
from vertex_custom_weights_provider.errors import VcwError

from .answers import Kept
from .type_tokens import NoProviderError, UnknownFunctionError

# Their text was written for people. Anything else names its type: of `KeyError: 'x'` the text is
# "'x'".
_SPEAKING = (VcwError, InitFailed, NoProviderError, RunError)
_PLAIN = (Exception, RuntimeError)


def message_of(error: BaseException) -> str:
    """Return the text that stands for an exception, notes included."""
    if isinstance(error, SystemExit):
        text = f"The provider tried to end its process (SystemExit: {error.code})."
    elif isinstance(error, _SPEAKING) or (type(error) in _PLAIN and str(error)):
        text = str(error)
    else:
        text = "".join(traceback.format_exception_only(error)).strip()
        return f"{text} (the traceback is in the debug log: --debug)"
    return "\n".join([text, *getattr(error, "__notes__", ())])


def report(error: BaseException, call: Call) -> None:
    """Put the traceback where only someone who asks for it sees it."""
    call.debug("".join(traceback.format_exception(error)).rstrip())


def abort(context: Any, error: BaseException, call: Call, kept: Kept) -> NoReturn:
    """End the RPC with the error; `kept` writes what is recorded of an unfinished resource."""
    message = call.masked(message_of(error))
    if isinstance(error, InitFailed):
        details = _details(error, message, call, kept)
        context.set_trailing_metadata((("grpc-status-details-bin", details),))
    # A function that nobody has is answered as the bundled server answers every function.
    missing = isinstance(error, UnknownFunctionError)
    code = grpc.StatusCode.UNIMPLEMENTED if missing else grpc.StatusCode.UNKNOWN
    context.abort(code, message)
    raise AssertionError(message)


def _details(error: InitFailed, message: str, call: Call, kept: Kept) -> bytes:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.id,
        reasons=[call.masked(reason) for reason in error.reasons],
        properties=kept(error.outputs),
    )
    packed = any_pb2.Any()
    packed.Pack(detail)
    # The engine reads the details only where this code equals the one of the RPC.
    code: int = grpc.StatusCode.UNKNOWN.value[0]
    status = status_pb2.Status(code=code, message=message, details=[packed])
    return status.SerializeToString()
