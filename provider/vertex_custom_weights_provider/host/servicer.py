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
from collections.abc import Callable, Generator, Mapping
from typing import Any

from google.protobuf import empty_pb2, struct_pb2
from pulumi.dynamic import ResourceProvider
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from vertex_custom_weights_provider.adapter.phase import Phase
from vertex_custom_weights_provider.call.call import Call, Sink
from vertex_custom_weights_provider.call.current import current, serving

from . import answers, failure, secrets, type_tokens
from .forms import Dynamic, Form, Given
from .marshal import from_wire, to_wire, without_secrets
from .providers import Providers

# The version the bundled server gives, so that changing between the two is no version change.
_VERSION = "0.1.0"


def served(method: Callable[[Any, Any], Any]) -> Callable[..., Any]:
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
        return failure.abort(context, problem, call, self.kept_for(request))

    return serve


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Serve dynamic resources; method names are the protocol's.

    Args:
        sink: Where log lines go.
        cancelled: Set when the engine asks to stop; every call sees it.
        phase: What our own resources keep from call to call.
        form: The form that is served.
    """

    def __init__(
        self,
        sink: Sink,
        cancelled: threading.Event,
        phase: Phase,
        form: Form | None = None,
    ) -> None:
        self.phase = phase
        self.form = form or Dynamic()
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
            hidden=secrets.texts(request),
        )

    def _provider(self, request: Any, *bags: dict[str, Any]) -> ResourceProvider:
        """Return the provider of the resource that is asked about."""
        token = type_tokens.token_of(request.urn)
        return self._providers.get(token, bags, self._config)

    @served
    def Configure(self, request: Any) -> provider_pb2.ConfigureResponse:
        """Keep the stack's configuration for the providers; announce previews, and take secrets.

        Whoever knows what is secret can leave it out of what is said.
        """
        self._config = without_secrets(from_wire(request.args))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @served
    def GetPluginInfo(self, request: Any) -> plugin_pb2.PluginInfo:
        """Return the version of the protocol served."""
        return plugin_pb2.PluginInfo(version=_VERSION)

    @served
    def GetSchema(self, request: Any) -> provider_pb2.GetSchemaResponse:
        """Return the schema of our own resources, for code generation and YAML programs."""
        return provider_pb2.GetSchemaResponse(schema=type_tokens.schema())

    @served
    def Cancel(self, request: Any) -> empty_pb2.Empty:
        """Tell every running call to stop."""
        self._cancelled.set()
        return empty_pb2.Empty()

    def _kept(self, source: Given) -> answers.Kept:
        return lambda bag: self.form.kept(bag, source)

    def kept_for(self, request: Any) -> answers.Kept:
        """Return what writes the state of the resource that a request is about."""

        def kept(bag: Mapping[str, Any] | None) -> struct_pb2.Struct:
            properties = request.news if hasattr(request, "news") else request.properties
            return self.form.kept(bag, self.form.given(properties, request.urn))

        return kept

    @served
    def Check(self, request: Any) -> provider_pb2.CheckResponse:
        """Validate inputs; what is returned is what the engine goes on with."""
        olds = self.form.former(request.olds, keep_unknowns=True)
        news = self.form.given(request.news, request.urn, keep_unknowns=True)
        result = self._provider(request, news, olds).check(olds, news)
        return answers.check(result, self._kept(news), current().masked)

    @served
    def Diff(self, request: Any) -> provider_pb2.DiffResponse:
        """Compare the old outputs with the new inputs."""
        olds = self.form.former(request.olds, keep_unknowns=True)
        news = self.form.given(request.news, request.urn, keep_unknowns=True)
        result = self._provider(request, news, olds).diff(request.id, olds, news)
        return answers.diff(result)

    @served
    def Invoke(self, request: Any) -> provider_pb2.InvokeResponse:
        """Call a function of ours; other dynamic providers have none."""
        answer = type_tokens.call_function(request.tok, from_wire(request.args), self._config)
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_wire(answer))
        return response

    @served
    def Create(self, request: Any) -> provider_pb2.CreateResponse:
        """Create the resource, or say what a creation would bring."""
        props = self.form.given(request.properties, request.urn, keep_unknowns=request.preview)
        provider = self._provider(request, props)
        kept = self._kept(props)
        if not request.preview:
            return answers.create(provider.create(props), kept)
        preview = getattr(provider, "preview_create", None)
        if preview is None:
            return provider_pb2.CreateResponse(properties=request.properties)
        return provider_pb2.CreateResponse(properties=kept(preview(props)))

    @served
    def Update(self, request: Any) -> provider_pb2.UpdateResponse:
        """Update the resource, or say what an update would bring."""
        olds = self.form.former(request.olds)
        news = self.form.given(request.news, request.urn, keep_unknowns=request.preview)
        provider = self._provider(request, news)
        kept = self._kept(news)
        if not request.preview:
            outputs = provider.update(request.id, olds, news).outs
            return provider_pb2.UpdateResponse(properties=kept(outputs))
        preview = getattr(provider, "preview_update", None)
        if preview is None:
            return provider_pb2.UpdateResponse(properties=request.news)
        outputs = preview(request.id, olds, news)
        return provider_pb2.UpdateResponse(properties=kept(outputs))

    @served
    def Read(self, request: Any) -> provider_pb2.ReadResponse:
        """Read the resource: for a refresh its outputs are given, for an import only its id."""
        bag = request.properties if request.properties.fields else request.inputs
        props = self.form.given(bag, request.urn)
        result = self._provider(request, props).read(request.id, props)
        return answers.read(result, self._kept(props))

    @served
    def Delete(self, request: Any) -> empty_pb2.Empty:
        """Delete the resource."""
        props = self.form.given(request.properties, request.urn)
        self._provider(request, props).delete(request.id, props)
        return empty_pb2.Empty()
