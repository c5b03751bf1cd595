"""The resource `PscAddress`."""

# Written by tools/resource_classes.py from the tables in properties/. Do not edit.

from __future__ import annotations

from typing import Any

import pulumi

from vertex_custom_weights_provider.adapter.provider import VertexProvider
from vertex_custom_weights_provider.resources import arguments, types
from vertex_custom_weights_provider.resources.base import VertexResource


class PscAddressProvider(VertexProvider):
    """Provider of `PscAddress`; pickled by this path."""

    resource_type = "PscAddress"


class PscAddress(VertexResource):
    """A reserved internal address. Mirrors compute `Address` (regional, INTERNAL).

    Only labels change in place. A replacement takes the same name, so the old address goes first.
    """

    resource_type = "PscAddress"
    configured = {"project": "project", "region": "region"}
    outputs = ("addressName", "ipAddress", "selfLink", "incarnation", "status")

    def __init__(
        self,
        resource_name: str,
        *,
        subnetwork: pulumi.Input[str],
        project: pulumi.Input[str] | None = None,
        region: pulumi.Input[str] | None = None,
        name: pulumi.Input[str] | None = None,
        address: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        labels: pulumi.Input[dict[str, pulumi.Input[str]]] | None = None,
        adopt: pulumi.Input[str] | None = None,
        deletion_policy: pulumi.Input[types.DeletionPolicy] | None = None,
        timeouts: pulumi.Input[types.TimeoutsArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the resource.

        Args:
            resource_name: Name in the program; names that are chosen follow from it.
            subnetwork: Subnetwork the address is taken from: a name, or a full or partial URL.
            project: Google Cloud project that holds the object. Default the configured
                `gcp:project`.
            region: Compute Engine region, the one of the endpoint. Default the configured
                `gcp:region`.
            name: Name of the address. Chosen from owner and resource when absent.
            address: A literal inside the subnetwork. One is allocated when absent.
            description: Free text.
            labels: Labels of your own, at most 58. Labels others put there are left alone.
            adopt: Full name of an object that exists: it is taken over instead of a new one being
                made. Looked at when the resource is created; without effect, and free to go,
                afterwards.
            deletion_policy: `delete` removes the object with the resource; `abandon` leaves it.
                Default `delete`.
            timeouts: How long to wait for Google; the work goes on when the wait ends.
            opts: Pulumi resource options.

        Raises:
            pulumi.RunError: an argument is neither given nor configured.
        """
        given: dict[str, Any] = {
            "subnetwork": subnetwork,
            "project": project,
            "region": region,
            "name": name,
            "address": address,
            "description": description,
            "labels": labels,
            "adopt": adopt,
            "deletion_policy": deletion_policy,
            "timeouts": timeouts,
        }
        super().__init__(PscAddressProvider(), resource_name, given, opts)

    @property
    def project(self) -> pulumi.Output[str]:
        """Google Cloud project that holds the object. Default the configured `gcp:project`."""
        return arguments.output(self, "project")

    @property
    def region(self) -> pulumi.Output[str]:
        """Compute Engine region, the one of the endpoint.

        Default the configured `gcp:region`.
        """
        return arguments.output(self, "region")

    @property
    def name(self) -> pulumi.Output[str]:
        """Name of the address. Chosen from owner and resource when absent."""
        return arguments.output(self, "name")

    @property
    def subnetwork(self) -> pulumi.Output[str]:
        """Subnetwork the address is taken from: a name, or a full or partial URL."""
        return arguments.output(self, "subnetwork")

    @property
    def address(self) -> pulumi.Output[str]:
        """A literal inside the subnetwork. One is allocated when absent."""
        return arguments.output(self, "address")

    @property
    def description(self) -> pulumi.Output[str | None]:
        """Free text."""
        return arguments.output(self, "description")

    @property
    def labels(self) -> pulumi.Output[dict[str, str] | None]:
        """Labels of your own, at most 58. Labels others put there are left alone."""
        return arguments.output(self, "labels")

    @property
    def adopt(self) -> pulumi.Output[str | None]:
        """Full name of an object that exists: it is taken over instead of a new one being made.

        Looked at when the resource is created; without effect, and free to go, afterwards.
        """
        return arguments.output(self, "adopt")

    @property
    def deletion_policy(self) -> pulumi.Output[str | None]:
        """`delete` removes the object with the resource; `abandon` leaves it.

        Default `delete`.
        """
        return arguments.output(self, "deletionPolicy")

    @property
    def timeouts(self) -> pulumi.Output[dict[str, Any] | None]:
        """How long to wait for Google; the work goes on when the wait ends."""
        return arguments.output(self, "timeouts")

    @property
    def owner(self) -> pulumi.Output[str | None]:
        """URN of the resource that manages the object; stamped on it as labels."""
        return arguments.output(self, "owner")

    @property
    def address_name(self) -> pulumi.Output[str]:
        """Full name, `projects/{project}/regions/{region}/addresses/{name}`."""
        return arguments.output(self, "addressName")

    @property
    def ip_address(self) -> pulumi.Output[str]:
        """The reserved IPv4 address."""
        return arguments.output(self, "ipAddress")

    @property
    def self_link(self) -> pulumi.Output[str]:
        """Full URL of the address."""
        return arguments.output(self, "selfLink")

    @property
    def incarnation(self) -> pulumi.Output[str]:
        """Token of the creation this state belongs to."""
        return arguments.output(self, "incarnation")

    @property
    def status(self) -> pulumi.Output[str]:
        """What was last seen of it: `ready`; `unfinished`, begun and not seen to its end, which the next update finishes; `undeployed` by somebody else, so that it is made anew; `taken over by another run` or `ownership labels are gone`, after which the next update marks it again."""
        return arguments.output(self, "status")
