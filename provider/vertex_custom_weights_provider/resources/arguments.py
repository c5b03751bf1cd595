"""From Python arguments to Pulumi properties: snake_case in, camelCase out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from vertex_custom_weights_provider.resources import form
from vertex_custom_weights_provider.spelling import camel
from vertex_custom_weights_provider.tokens import token

# Maps whose keys are the user's own words.
_FREE_FORM = frozenset({"labels", "monitored_resource_labels", "monitoredResourceLabels"})


def wire(arguments: Mapping[str, Any], outputs: tuple[str, ...]) -> dict[str, Any]:
    """Return the properties of a resource; absent ones and outputs are None.

    Pulumi only makes an attribute of what is named here, so outputs are named too.
    """
    given = {camel(key): _value(key, value) for key, value in arguments.items()}
    return {**dict.fromkeys(outputs), **given}


def _value(key: str, value: Any) -> Any:
    if isinstance(value, pulumi.Output):
        return cast("pulumi.Output[Any]", value).apply(lambda known: _value(key, known))
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value).items()
        if key in _FREE_FORM:
            return dict(pairs)
        return {camel(inner): _value(inner, item) for inner, item in pairs}
    if isinstance(value, (list, tuple)):
        return [_value(key, item) for item in cast("list[Any]", value)]
    return value


def output(resource: pulumi.Resource, name: str) -> pulumi.Output[Any]:
    """Return an input or output of a resource by its wire name."""
    return resource.__dict__[name]


def owner(
    name: str, resource_type: str, opts: pulumi.ResourceOptions | None
) -> pulumi.Output[str | None]:
    """Return the resource's URN, to be stamped on the cloud object as its owner.

    Only the text is taken over. An output of the parent would make the resource depend on the
    parent's other children, itself among them.
    """
    urn = pulumi.create_urn(name, token(resource_type), opts.parent if opts else None)

    async def no_resources() -> set[pulumi.Resource]:
        return set()

    return pulumi.Output(no_resources(), urn.future(), urn.is_known())


def configured(value: Any, key: str, argument: str) -> Any:
    """Return the argument, or what the configuration says when it was left out.

    Raises:
        pulumi.RunError: neither is there; Pulumi shows its message without a traceback.
    """
    if value is not None:
        return value
    found = pulumi.Config("gcp").get(key)
    if found is None:
        raise pulumi.RunError(
            f"{argument} is not set: pass it, or run `pulumi config set {form.setting(key)} VALUE`"
        )
    return found
