"""What a Host header names: the API, or the private or dedicated host of an endpoint."""

from __future__ import annotations

import ipaddress
import re
from typing import Literal

import msgspec

API_SUFFIX = ".googleapis.com"
DEDICATED_SUFFIX = ".prediction.vertexai.goog"
PRIVATE_SUFFIX = ".prediction.p.vertexai.goog"
ALIAS = re.compile(r"/_emulator/hosts/([^/]+)(/.*)\Z")


class Host(msgspec.Struct, frozen=True):
    """A host that was addressed.

    Attributes:
        kind: `api`; `dedicated` (public DNS name of one endpoint); `private` (Private Service
            Connect address or name); `other` answers nothing.
        name: The host without port, in lower case.
    """

    kind: Literal["api", "dedicated", "private", "other"]
    name: str


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rsplit(":", 1)[0] if host.count(":") == 1 else host


def classify(header: str) -> Host:
    """Tell what a Host header addresses.

    A name without a dot (a container's, say) is the API: an emulator in a compose network is
    reached that way.
    """
    name = _without_port(header).lower()
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return Host(_kind_of_name(name), name)
    return Host("api" if address.is_loopback or address.is_unspecified else "private", name)


_REGIONAL = re.compile(r"([a-z0-9-]+)-aiplatform\.googleapis\.com")
_LOCATION = re.compile(r"/locations/([^/:]+)")


def misplaced(host: Host, path: str) -> str:
    """Return the location a path names if the regional host addressed is that of another one."""
    region, location = _REGIONAL.fullmatch(host.name), _LOCATION.search(path)
    if region is None or location is None or region.group(1) == location.group(1):
        return ""
    return location.group(1)


def _kind_of_name(name: str) -> Literal["api", "dedicated", "private", "other"]:
    if name.endswith(PRIVATE_SUFFIX):
        return "private"
    if name.endswith(DEDICATED_SUFFIX):
        return "dedicated"
    if name.endswith((API_SUFFIX, ".localhost", ".local", ".internal")) or "." not in name:
        return "api"
    return "other"
