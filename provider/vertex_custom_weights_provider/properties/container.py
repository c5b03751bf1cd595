"""`ModelContainerSpec`: the container that serves a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from vertex_custom_weights_provider.properties.base import Problem, Spec, one_of, says
from vertex_custom_weights_provider.properties.durations import Duration
from vertex_custom_weights_provider.properties.values import Count, CountOrZero, PortNumber


class EnvVar(Spec, frozen=True, kw_only=True):
    """`EnvVar`."""

    name: Annotated[str, says("Name of the variable.")]
    value: Annotated[
        str,
        says(
            "Its value; state keeps it, encrypted where it is a Pulumi secret, and "
            "Google shows it to whoever may read the model."
        ),
    ]


class Port(Spec, frozen=True, kw_only=True):
    """`Port`."""

    container_port: Annotated[PortNumber, says("Port the container listens on, 1 to 65535.")]


class ExecAction(Spec, frozen=True, kw_only=True):
    """`ProbeExecAction`: a command in the container; exit code 0 is healthy."""

    command: Annotated[list[str], says("Command and its arguments, run without a shell.")]


class HttpGetAction(Spec, frozen=True, kw_only=True):
    """`ProbeHttpGetAction`: a request to the container; 200 to 399 is healthy."""

    path: Annotated[str | None, says("Path of the request.", default="/")] = None
    port: Annotated[
        PortNumber | None,
        says("Port of the request, 1 to 65535.", default="the container's first port"),
    ] = None
    host: Annotated[str | None, says("Host name to connect to.", default="the container's")] = None
    scheme: Annotated[
        str | None, one_of("HTTP", "HTTPS"), says("`HTTP` or `HTTPS`.", default="`HTTP`")
    ] = None


class Probe(Spec, frozen=True, kw_only=True):
    """`Probe`: how Vertex AI finds out whether a container is healthy."""

    exec: Annotated[
        ExecAction | None, says("A command in the container; exit code 0 is healthy.")
    ] = None
    http_get: Annotated[
        HttpGetAction | None, says("A request to the container; 200 to 399 is healthy.")
    ] = None
    initial_delay_seconds: Annotated[
        CountOrZero | None, says("Time before the first probe.", default="0", unit="seconds")
    ] = None
    period_seconds: Annotated[
        Count | None, says("Time between probes.", default="10", unit="seconds")
    ] = None
    timeout_seconds: Annotated[
        Count | None, says("Longest a probe may take.", default="1", unit="seconds")
    ] = None
    failure_threshold: Annotated[
        Count | None, says("Failures in a row that count.", default="3")
    ] = None
    success_threshold: Annotated[
        Count | None, says("Successes in a row that count.", default="1")
    ] = None


class ModelContainerSpec(Spec, frozen=True, kw_only=True):
    """`ModelContainerSpec`: a serving container, or what is to be different in the chosen one.

    With `imageUri` it is served as it is. Without, which takes a given `endpoint`, its parts
    replace those of the container that Vertex AI recommends for the weights.
    """

    image_uri: Annotated[
        str | None,
        says(
            "Image in Artifact Registry. May be left out with a given `endpoint` "
            "only: what else is set here then replaces the parts of the container "
            "that Vertex AI recommends."
        ),
    ] = None
    command: Annotated[list[str] | None, says("Entry point.", default="the image's")] = None
    args: Annotated[
        list[str] | None, says("Arguments of the entry point.", default="the image's")
    ] = None
    env: Annotated[list[EnvVar] | None, says("Environment variables of the container.")] = None
    ports: Annotated[
        list[Port] | None,
        says("Ports that the container listens on; the first one is served.", default="8080"),
    ] = None
    grpc_ports: Annotated[list[Port] | None, says("Ports for gRPC.")] = None
    predict_route: Annotated[
        str | None,
        says("HTTP path that predictions are sent to.", default="decided by the service"),
    ] = None
    health_route: Annotated[
        str | None,
        says("HTTP path that health checks are sent to.", default="decided by the service"),
    ] = None
    invoke_route_prefix: Annotated[
        str | None,
        says(
            "`/*` hands `{endpoint}/invoke/…` on to any path of the container. "
            "Excludes `predictRoute`; such a model takes a dedicated endpoint."
        ),
    ] = None
    shared_memory_size_mb: Annotated[
        Count | None,
        says("Shared memory of the container.", default="decided by the service", unit="MB"),
    ] = None
    deployment_timeout: Annotated[
        Duration | None,
        says(
            "How long the container may take to start, such as `3600s`.",
            default="decided by the service",
        ),
    ] = None
    startup_probe: Annotated[
        Probe | None, says("Tells when the container has started; the other probes wait for it.")
    ] = None
    health_probe: Annotated[Probe | None, says("Tells when the container takes requests.")] = None
    liveness_probe: Annotated[
        Probe | None, says("Tells when the container is to be restarted.")
    ] = None

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
