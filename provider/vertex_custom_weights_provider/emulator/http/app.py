"""The WSGI application: Host header and path to route, request to handler, result to response."""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from werkzeug.exceptions import HTTPException
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

_LEGACY = ("/compute/", "/storage/", "/download/", "/upload/")
_LONGEST_PATH = 16_384
_LOG = logging.getLogger(__name__)
_VERSION = {"v1": "v1", "v1beta1": "v1beta1", "ui": "v1beta1", "": "v1"}


def _path(environ: dict[str, Any]) -> str:
    """Return the decoded path; WSGI servers hand it over as Latin-1, in-process clients as text."""
    path: str = environ.get("PATH_INFO", "/")
    try:
        return path.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return path


def _failure(error: Exception, request: str, state: Path) -> ApiError:
    """What a request is answered that the emulator itself failed at; the log has the rest."""
    if isinstance(error, sqlite3.Error):
        return ApiError.of("UNAVAILABLE", f"The emulator's state {state} is not usable: {error}.")
    reference = secrets.token_hex(4)
    _LOG.exception("%s failed, reference %s", request, reference, exc_info=error)
    return ApiError.of("INTERNAL", f"Internal error encountered. Reference: {reference}")


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
        environ["PATH_INFO"] = _path(environ).encode().decode("latin-1")
        response = self.answer(Request(environ))
        return response(environ, start_response)

    def answer(self, request: Request) -> Response:
        """Answer one request; every refusal becomes Google's error envelope."""
        path = _path(request.environ)
        legacy = path.startswith(_LEGACY)
        try:
            return self._answer(request, path)
        except ApiError as error:
            return json_response(error_body(error, legacy=legacy), error.http)
        except HTTPException as error:
            refused = ApiError.of("INVALID_ARGUMENT", error.description or error.name)
            return json_response(error_body(refused, legacy=legacy), refused.http)
        except ConnectionError:
            raise
        except Exception as error:
            if self.settings.validate_responses:
                raise
            failed = _failure(error, f"{request.method} {path}", self.store.path)
            return json_response(error_body(failed, legacy=legacy), failed.http)

    def _answer(self, request: Request, path: str) -> Response:
        if len(path) > _LONGEST_PATH:
            raise ApiError(414, "INVALID_ARGUMENT", "The requested URL is too long.")
        host = hosts.classify(request.host)
        alias = hosts.ALIAS.match(path)
        if alias:
            host, path = hosts.classify(alias.group(1)), alias.group(2)
        found = self.router.match(request.method, path)
        if found is None:
            raise self._unrouted(request.method, path)
        route, params = found
        misplaced = hosts.misplaced(host, path)
        if misplaced:
            message = f"The location {misplaced} is not served by {host.name}."
            raise ApiError.of("INVALID_ARGUMENT", message)
        return self._run(self._call(request, route, params, host))

    def _unrouted(self, verb: str, path: str) -> ApiError:
        method = self.hooks.method_of(verb, path)
        if method is not None:
            return ApiError.of("UNIMPLEMENTED", f"The emulator does not implement {method}.")
        return ApiError.of("NOT_FOUND", f"Method not found: {verb} {path}")

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
                now = clock.tick(tx)
                if not call.route.own:
                    timers.settle(tx, now)
                call.bind(tx, now)
                self.hooks.decide(call, "request")
                result = call.route.handler(call)
                self.hooks.accepted(call, result)
                return result
        while True:
            with self.store.read() as tx:
                ticking = clock.read(tx)
                now, due = ticking.now(), tx.next_due()
                current = not ticking.overtaken and (due is None or due > now)
                if current or call.route.own:
                    call.bind(tx, now)
                    self.hooks.decide(call, "request")
                    if call.route.access == "read":
                        return call.route.handler(call)
                    break
            timers.catch_up(self.store)
        call.bind(None, now)
        return call.route.handler(call)
