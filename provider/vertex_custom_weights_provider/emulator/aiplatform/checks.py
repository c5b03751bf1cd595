"""Checks that several methods make of a request: required fields, masks, etags."""

from __future__ import annotations

from vertex_custom_weights_provider.emulator import fields
from vertex_custom_weights_provider.emulator.call import Call
from vertex_custom_weights_provider.emulator.http import ApiError, Json, bad_request, refuse


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


def check_etag(body: Json, resource: Json) -> None:
    """Refuse a write that was made against an older state."""
    if body.get("etag") and body["etag"] != resource["etag"]:
        refuse(
            "ABORTED",
            f"The etag {body['etag']} does not match the current one of `{resource['name']}`."
            " Read it again and retry.",
        )
