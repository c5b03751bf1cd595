"""Names, URLs, labels and fingerprints in Compute's manner."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.envelope import ApiError, Json
from vertex_custom_weights_provider.emulator.http.call import Call

BASE = "https://www.googleapis.com/compute/v1/"
SERVICE_ATTACHMENT = re.compile(
    r"projects/[^/]+/regions/(?P<region>[^/]+)/serviceAttachments/[^/]+"
)
_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_NAME_RULE = "(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)"
_REGION = re.compile(r"[a-z]+(-[a-z]+)+\d+")
_LABEL_KEY = re.compile(r"[a-z][-_a-z0-9]{0,62}")
_LABEL_VALUE = re.compile(r"[-_a-z0-9]{0,63}")


class Region(msgspec.Struct, frozen=True):
    """A region of a project, as it was addressed."""

    project: str
    name: str

    @property
    def path(self) -> str:
        """The region in a relative resource name."""
        return f"projects/{self.project}/regions/{self.name}"

    @property
    def key(self) -> str:
        """What documents are listed under: the same for project id and number."""
        return names.canonical(self.path)

    @property
    def url(self) -> str:
        """The region as responses name it."""
        return BASE + self.path


class Locator(msgspec.Struct, frozen=True):
    """A resource in a region."""

    region: Region
    collection: str
    name: str

    @property
    def path(self) -> str:
        """The relative resource name, as messages print it."""
        return f"{self.region.path}/{self.collection}/{self.name}"

    @property
    def key(self) -> str:
        """What the document is kept under."""
        return names.canonical(self.path)

    @property
    def url(self) -> str:
        """The `selfLink`."""
        return BASE + self.path


def region_of(call: Call) -> Region:
    """The region a call addresses.

    Raises:
        ApiError: 400 when no region is called that.
    """
    region = Region(call.params["project"], call.params["region"])
    if not _REGION.fullmatch(region.name):
        raise invalid("region", region.name, "Unknown region.")
    return region


def relative(reference: str) -> str:
    """A resource reference without the address of the API it may begin with.

    Google's clients and Terraform send full URLs built on whatever base they were configured with.
    """
    marker = reference.find("projects/")
    return reference if marker < 0 else reference[marker:]


def link(reference: str) -> str:
    """A resource reference as responses print it."""
    path = relative(reference)
    return BASE + path if path.startswith("projects/") else reference


def invalid(field: str, value: object, reason: str) -> ApiError:
    """The 400 for a value that Compute does not take."""
    message = f"Invalid value for field '{field}': '{value}'. {reason}"
    return ApiError(400, "INVALID_ARGUMENT", message, reason="invalid")


def not_found(path: str) -> ApiError:
    """The 404 for a resource."""
    return ApiError(404, "NOT_FOUND", f"The resource '{path}' was not found", reason="notFound")


def require_name(body: Json) -> str:
    """The name in a request body.

    Raises:
        ApiError: 400 when it is missing or malformed.
    """
    name = body.get("name", "")
    if not _NAME.fullmatch(name):
        raise invalid("resource.name", name, f"Must be a match of regex '{_NAME_RULE}'")
    return name


def check_labels(labels: Mapping[str, str]) -> None:
    """Refuse labels that Compute would not take."""
    for key, value in labels.items():
        if not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            pair = f"{key}={value}"
            reason = "Keys and values hold at most 63 lowercase letters, digits, '-' and '_'."
            raise invalid("resource.labels", pair, reason)


def label_fingerprint(labels: Mapping[str, str] | None) -> str:
    """The fingerprint of a set of labels; an empty set has the constant the service shows."""
    return fingerprint(dict(sorted(labels.items()))) if labels else "42WmSpB8rSM="


def fingerprint(value: Any) -> str:
    """Eight bytes that change with the value, in base 64."""
    digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest[:8]).decode()


def numeric_id() -> str:
    """A resource id: an unsigned 64-bit number, as a string."""
    return str(10**18 + secrets.randbelow(8 * 10**18))


def require_fingerprint(sent: str | None, current: str, message: str) -> None:
    """Refuse a change that was made from an outdated copy."""
    if sent != current:
        raise ApiError(412, "FAILED_PRECONDITION", message, reason="conditionNotMet")
