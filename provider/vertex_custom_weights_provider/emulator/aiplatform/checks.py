"""Checks that several methods make of a request: required fields, masks, etags."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vertex_custom_weights_provider.emulator.envelope import ApiError, Json, bad_request, refuse
from vertex_custom_weights_provider.emulator.http import fields
from vertex_custom_weights_provider.emulator.http.call import Call

# Letters without case, such as those of Chinese, count as lowercase.
_LABEL = re.compile(r"(?:(?![A-Z])[\w-]){0,64}")


def required(name: str) -> ApiError:
    """Return the refusal of a request that lacks a field."""
    message = f"Required field is not set: {name}."
    return ApiError.of(
        "INVALID_ARGUMENT", message, [bad_request(name, "Required field is not set.")]
    )


def update_mask(call: Call) -> list[str]:
    """Return the paths of a patch, which must name some."""
    mask = call.query.get("updateMask") or call.query.get("update_mask")
    if not mask:
        raise required("update_mask")
    return fields.paths(mask)


def labels(given: Mapping[str, str]) -> None:
    """Refuse labels that the service would not take."""
    for key, value in given.items():
        if not (key and _LABEL.fullmatch(key) and _LABEL.fullmatch(value)):
            refuse("INVALID_ARGUMENT", f"Invalid label {key!r}: {value!r}.")


def check_etag(call: Call, resource: Json) -> None:
    """Refuse a write that was made against an older state."""
    body = call.body
    if call.tx.speaks("etag-not-checked"):
        return
    if body.get("etag") and body["etag"] != resource["etag"]:
        refuse(
            "FAILED_PRECONDITION" if call.tx.speaks("stale-etag-400") else "ABORTED",
            f"The etag {body['etag']} does not match the current one of `{resource['name']}`."
            " Read it again and retry.",
        )
