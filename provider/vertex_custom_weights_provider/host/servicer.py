"""The provider protocol for dynamic resources: each method loads the provider and asks it.

Drop-in for `pulumi.dynamic`: the same calls with the same values, for any dynamic provider in the
program. A provider class may offer more, recognised by name and used only here:

* `preview_create(props)` and `preview_update(id, olds, news)` return the outputs a preview can
  already know, with `pulumi.output.UNKNOWN` for the rest;
* `detailed` on a `DiffResult` maps property paths to kinds such as `UPDATE_REPLACE`.

Everything without those behaves, in previews too, as it does on the bundled server.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Generator
from typing import Any

from google.protobuf import empty_pb2
from pulumi.dynamic import ResourceProvider
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from vertex_custom_weights_provider.adapter.phase import Phase
from vertex_custom_weights_provider.call.call import Call, Sink
from vertex_custom_weights_provider.call.current import serving

from . import answers, failure, type_tokens
from .marshal import from_wire, to_wire, without_secrets
from .providers import Providers

# The version the bundled server gives, so that changing between the two is no version change.
_VERSION = "0.1.0"


def _served(method: Callable[[Servicer, Any], Any]) -> Callable[..., Any]:
    """Give a method its call, and answer whatever it raises.

    SystemExit is answered too: in a worker thread it would end nothing and leave the engine
    waiting for ever.
    """

    @functools.wraps(method)
    def serve(self: Servicer, request: Any, context: Any) -> Any:
        call = self.call_of(request)
        try:
            with self.running(), serving(call), self.phase.serving():
                return method(self, request)
        except BaseException as error:
            problem = error
        failure.report(problem, call)
        return failure.abort(context, problem, request)

    return serve


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Serve dynamic resources; method names are the protocol's.

    Args:
        sink: Where log lines go.
        cancelled: Set when the engine asks to stop; every call sees it.
        phase: What our own resources keep from call to call.
    """

    def __init__(self, sink: Sink, cancelled: threading.Event, phase: Phase) -> None:
        self.phase = phase
        self._sink = sink
        self._cancelled = cancelled
        self._providers = Providers()
        self._config: dict[str, Any] = {}
        self._running = 0
        self._lock = threading.Lock()

    @property
    def spotless(self) -> bool:
        """Tell whether nothing is going on, and nothing but our own providers ever was loaded."""
        return self._running == 0 and self._providers.all_ours

    @contextlib.contextmanager
    def running(self) -> Generator[None]:
        """Count the call as running, even if the engine has given it up."""
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1

    def call_of(self, request: Any) -> Call:
        """Return what a provider may know about the RPC of this request."""
        return Call(
            urn=getattr(request, "urn", ""),
            preview=getattr(request, "preview", False),
            timeout=getattr(request, "timeout", 0.0),
            cancelled=self._cancelled,
            sink=self._sink,
            serves_previews=True,
        )

    def _provider(self, request: Any, *bags: dict[str, Any]) -> ResourceProvider:
        """Return the provider of the resource that is asked about."""
        token = type_tokens.token_of(request.urn)
        return self._providers.get(token, bags, self._config)

    @_served
    def Configure(self, request: Any) -> provider_pb2.ConfigureResponse:
        """Keep the stack's configuration for the providers; announce previews."""
        self._config = without_secrets(from_wire(request.args))
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    @_served
    def GetPluginInfo(self, request: Any) -> plugin_pb2.PluginInfo:
        """Return the version of the protocol served."""
        return plugin_pb2.PluginInfo(version=_VERSION)

    @_served
    def GetSchema(self, request: Any) -> provider_pb2.GetSchemaResponse:
        """Return the schema of our own resources, for code generation and YAML programs."""
        return provider_pb2.GetSchemaResponse(schema=type_tokens.schema())

    @_served
    def Cancel(self, request: Any) -> empty_pb2.Empty:
        """Tell every running call to stop."""
        self._cancelled.set()
        return empty_pb2.Empty()

    @_served
    def Check(self, request: Any) -> provider_pb2.CheckResponse:
        """Validate inputs; what is returned is what the engine goes on with."""
        olds = from_wire(request.olds, keep_unknowns=True)
        news = type_tokens.with_provider(from_wire(request.news, keep_unknowns=True), request.urn)
        result = self._provider(request, news, olds).check(olds, news)
        return answers.check(result, news)

    @_served
    def Diff(self, request: Any) -> provider_pb2.DiffResponse:
        """Compare the old outputs with the new inputs."""
        olds = from_wire(request.olds, keep_unknowns=True)
        news = type_tokens.with_provider(from_wire(request.news, keep_unknowns=True), request.urn)
        result = self._provider(request, news, olds).diff(request.id, olds, news)
        return answers.diff(result)

    @_served
    def Invoke(self, request: Any) -> provider_pb2.InvokeResponse:
        """Call a function of ours; other dynamic providers have none."""
        answer = type_tokens.call_function(request.tok, from_wire(request.args), self._config)
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_wire(answer))
        return response

    @_served
    def Create(self, request: Any) -> provider_pb2.CreateResponse:
        """Create the resource, or say what a creation would bring."""
        bag = from_wire(request.properties, keep_unknowns=request.preview)
        props = type_tokens.with_provider(bag, request.urn)
        provider = self._provider(request, props)
        if not request.preview:
            return answers.create(provider.create(props), props)
        preview = getattr(provider, "preview_create", None)
        if preview is None:
            return provider_pb2.CreateResponse(properties=request.properties)
        outputs = answers.outputs(preview(props), props)
        return provider_pb2.CreateResponse(properties=outputs)

    @_served
    def Update(self, request: Any) -> provider_pb2.UpdateResponse:
        """Update the resource, or say what an update would bring."""
        olds = from_wire(request.olds)
        bag = from_wire(request.news, keep_unknowns=request.preview)
        news = type_tokens.with_provider(bag, request.urn)
        provider = self._provider(request, news)
        if not request.preview:
            outputs = answers.outputs(provider.update(request.id, olds, news).outs, news)
            return provider_pb2.UpdateResponse(properties=outputs)
        preview = getattr(provider, "preview_update", None)
        if preview is None:
            return provider_pb2.UpdateResponse(properties=request.news)
        outputs = answers.outputs(preview(request.id, olds, news), news)
        return provider_pb2.UpdateResponse(properties=outputs)

    @_served
    def Read(self, request: Any) -> provider_pb2.ReadResponse:
        """Read the resource: for a refresh its outputs are given, for an import only its id."""
        bag = from_wire(request.properties) or from_wire(request.inputs)
        props = type_tokens.with_provider(bag, request.urn)
        return answers.read(self._provider(request, props).read(request.id, props), props)

    @_served
    def Delete(self, request: Any) -> empty_pb2.Empty:
        """Delete the resource."""
        props = type_tokens.with_provider(from_wire(request.properties), request.urn)
        self._provider(request, props).delete(request.id, props)
        return empty_pb2.Empty()
