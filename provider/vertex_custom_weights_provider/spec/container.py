"""`ModelContainerSpec`: the container that serves a model."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from vertex_custom_weights_provider.spec.base import Spec, wrong
from vertex_custom_weights_provider.spec.common import Duration


class EnvVar(Spec):
    """`EnvVar`."""

    name: str
    value: str


class Port(Spec):
    """`Port`."""

    container_port: int = Field(ge=1, le=65535)


class ExecAction(Spec):
    """`ProbeExecAction`: a command in the container; exit code 0 is healthy."""

    command: list[str]


class HttpGetAction(Spec):
    """`ProbeHttpGetAction`: a request to the container; 200 to 399 is healthy."""

    path: str | None = None
    port: int | None = Field(default=None, ge=1, le=65535)
    host: str | None = None
    scheme: str | None = None


class Probe(Spec):
    """`Probe`: how Vertex AI finds out whether a container is healthy."""

    exec: ExecAction | None = None
    http_get: HttpGetAction | None = None
    initial_delay_seconds: int | None = Field(default=None, ge=0)
    period_seconds: int | None = Field(default=None, ge=1)
    timeout_seconds: int | None = Field(default=None, ge=1)
    failure_threshold: int | None = Field(default=None, ge=1)
    success_threshold: int | None = Field(default=None, ge=1)


class ModelContainerSpec(Spec):
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
    shared_memory_size_mb: int | None = Field(default=None, ge=1)
    deployment_timeout: Duration | None = None
    startup_probe: Probe | None = None
    health_probe: Probe | None = None
    liveness_probe: Probe | None = None

    @model_validator(mode="after")
    def _one_route(self) -> Self:
        if self.invoke_route_prefix not in (None, "/*"):
            raise wrong("invokeRoutePrefix", "can only be /* (Vertex AI's rule).")
        if self.invoke_route_prefix and self.predict_route:
            raise wrong("invokeRoutePrefix", "excludes predictRoute. Remove one of the two.")
        return self

    def over(self, recommended: dict[str, Any]) -> dict[str, Any]:
        """Return the container to serve with: this one, or the recommended one with its changes."""
        mine = self.wire()
        if self.image_uri:
            return mine
        excluded = {"invokeRoutePrefix": "predictRoute", "predictRoute": "invokeRoutePrefix"}
        gone = {excluded[key] for key in mine if key in excluded}
        return {**{k: v for k, v in recommended.items() if k not in gone}, **mine}
