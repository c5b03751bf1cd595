"""`ModelContainerSpec`: the container that serves a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vertex_custom_weights_provider.properties.base import Problem, Spec
from vertex_custom_weights_provider.properties.common import Duration
from vertex_custom_weights_provider.properties.values import Count, CountOrZero, PortNumber


class EnvVar(Spec, frozen=True, kw_only=True):
    """`EnvVar`."""

    name: str
    value: str


class Port(Spec, frozen=True, kw_only=True):
    """`Port`."""

    container_port: PortNumber


class ExecAction(Spec, frozen=True, kw_only=True):
    """`ProbeExecAction`: a command in the container; exit code 0 is healthy."""

    command: list[str]


class HttpGetAction(Spec, frozen=True, kw_only=True):
    """`ProbeHttpGetAction`: a request to the container; 200 to 399 is healthy."""

    path: str | None = None
    port: PortNumber | None = None
    host: str | None = None
    scheme: str | None = None


class Probe(Spec, frozen=True, kw_only=True):
    """`Probe`: how Vertex AI finds out whether a container is healthy."""

    exec: ExecAction | None = None
    http_get: HttpGetAction | None = None
    initial_delay_seconds: CountOrZero | None = None
    period_seconds: Count | None = None
    timeout_seconds: Count | None = None
    failure_threshold: Count | None = None
    success_threshold: Count | None = None


class ModelContainerSpec(Spec, frozen=True, kw_only=True):
    """`ModelContainerSpec`: a serving container, or what is to be different in the chosen one.

    With `imageUri` it is served as it is. Without, which takes a given `endpoint`, its parts
    replace those of the container that Vertex AI recommends for the weights.
    """

    image_uri: str | None = None
    command: list[str] | None = None
    args: list[str] | None = None
    env: list[EnvVar] | None = None
    ports: list[Port] | None = None
    grpc_ports: list[Port] | None = None
    predict_route: str | None = None
    health_route: str | None = None
    invoke_route_prefix: str | None = None
    shared_memory_size_mb: Count | None = None
    deployment_timeout: Duration | None = None
    startup_probe: Probe | None = None
    health_probe: Probe | None = None
    liveness_probe: Probe | None = None

    def conflicts(self) -> Iterator[Problem]:
        """Require one route at most."""
        if self.invoke_route_prefix not in (None, "/*"):
            yield Problem("invokeRoutePrefix", "can only be /* (Vertex AI's rule).")
        if self.invoke_route_prefix and self.predict_route:
            yield Problem("invokeRoutePrefix", "excludes predictRoute. Remove one of the two.")

    def over(self, recommended: dict[str, Any]) -> dict[str, Any]:
        """Return the container to serve with: this one, or the recommended one with its changes."""
        mine = self.wire()
        if self.image_uri:
            return mine
        excluded = {"invokeRoutePrefix": "predictRoute", "predictRoute": "invokeRoutePrefix"}
        gone = {excluded[key] for key in mine if key in excluded}
        return {**{k: v for k, v in recommended.items() if k not in gone}, **mine}
