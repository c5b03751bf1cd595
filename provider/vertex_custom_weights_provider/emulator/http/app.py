"""The WSGI application: Host header and path to route, request to handler, result to response."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.wrappers import Request, Response

from vertex_custom_weights_provider.emulator.envelope import (
    ApiError,
    Json,
    error_body,
    json_response,
    parse_json,
)
from vertex_custom_weights_provider.emulator.settings import Settings
from vertex_custom_weights_provider.emulator.state import clock, timers
from vertex_custom_weights_provider.emulator.state.store import Store

from . import fields, hosts
from .call import Call, Hooks, Route
from .routing import Router

_VERSION = {"v1": "v1", "v1beta1": "v1beta1", "ui": "v1beta1", "": "v1"}


def _path(environ: dict[str, Any]) -> str:
    """Return the decoded path; WSGI servers hand it over as Latin-1, in-process clients as text."""
    path: str = environ.get("PATH_INFO", "/")
    try:
        return path.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return path


class App:
    """The emulator as a WSGI callable.

    An exception of type `ConnectionError` that a hook raises is let through: in process it is the
    client's transport error, and the server closes the socket for it.
    """

    def __init__(self, settings: Settings, store: Store, router: Router, hooks: Hooks) -> None:
        self.settings = settings
        self.store = store
        self.router = router
        self.hooks = hooks

    def close(self) -> None:
        """Close the state file."""
        self.store.close()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        response = self.answer(Request(environ))
        return response(environ, start_response)

    def answer(self, request: Request) -> Response:
        """Answer one request; every refusal becomes Google's error envelope."""
        path, host = _path(request.environ), hosts.classify(request.host)
        alias = hosts.ALIAS.match(path)
        if alias:
            host, path = hosts.classify(alias.group(1)), alias.group(2)
        found = self.router.match(request.method, path)
        if found is None:
            return self._unrouted(request.method, path)
        route, params = found
        try:
            misplaced = hosts.misplaced(host, path)
            if misplaced:
                message = f"The location {misplaced} is not served by {host.name}."
                raise ApiError.of("INVALID_ARGUMENT", message)
            call = self._call(request, route, params, host)
            return self._run(call)
        except ApiError as error:
            return json_response(error_body(error, legacy=route.legacy), error.http)

    def _unrouted(self, verb: str, path: str) -> Response:
        method = self.hooks.method_of(verb, path)
        legacy = path.startswith(("/compute/", "/storage/", "/download/", "/upload/"))
        if method is not None:
            error = ApiError.of("UNIMPLEMENTED", f"The emulator does not implement {method}.")
        else:
            error = ApiError.of("NOT_FOUND", f"Method not found: {verb} {path}")
        return json_response(error_body(error, legacy=legacy), error.http)

    def _call(
        self, request: Request, route: Route, params: dict[str, str], host: hosts.Host
    ) -> Call:
        if host.kind != "api" and not route.prediction:
            message = f"The host {host.name} serves predictions only, not {route.method}."
            raise ApiError.of("NOT_FOUND", message)
        version = _VERSION[params.pop("version", "")]
        return Call(
            request=request,
            route=route,
            params=params,
            version=version,
            settings=self.settings,
            store=self.store,
            hooks=self.hooks,
            host=host,
        )

    def _run(self, call: Call) -> Response:
        early = self.hooks.arrive(call)
        if early is not None:
            return early
        if call.route.body == "json" and call.raw:
            call.body = self.hooks.canonicalise(call, parse_json(call.raw))
        result = self._handle(call)
        response = result if isinstance(result, Response) else self._rendered(call, result)
        return self.hooks.leave(call, response)

    def _rendered(self, call: Call, result: Json) -> Response:
        body = self.hooks.render(call, result)
        mask = call.query.get("fields") or call.query.get("$fields")
        if mask:
            body = fields.select(body, fields.parse(mask))
        return json_response(body, pretty=call.query.get("prettyPrint") == "true")

    def _handle(self, call: Call) -> Json | Response:
        """Run the handler in the transaction its route asks for."""
        if call.route.access == "write":
            with self.store.write() as tx:
                now = clock.read(tx).now()
                timers.settle(tx, now)
                call.bind(tx, now)
                self.hooks.decide(call, "request")
                result = call.route.handler(call)
                self.hooks.accepted(call, result)
                return result
        while True:
            with self.store.read() as tx:
                now, due = clock.read(tx).now(), tx.next_due()
                if due is None or due > now:
                    call.bind(tx, now)
                    self.hooks.decide(call, "request")
                    if call.route.access == "read":
                        return call.route.handler(call)
                    break
            timers.catch_up(self.store)
        call.bind(None, now)
        return call.route.handler(call)
