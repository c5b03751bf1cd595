"""Options of the resources that a component is made of."""

from typing import Any, Optional

import pulumi

_NOT_HANDED_DOWN = (
    "additional_secret_outputs",
    "custom_timeouts",
    "delete_before_replace",
    "ignore_changes",
    "import_",
    "replace_on_changes",
)


def below(
    parent: pulumi.Resource, opts: Optional[pulumi.ResourceOptions]
) -> pulumi.ResourceOptions:
    """Return the options of a child: what the component waits for, the child waits for.

    Pulumi hands down protection, retention, aliases, providers and transforms by itself. Of options
    that reach nothing it says nothing, so a warning does.
    """
    given: dict[str, Any] = vars(opts) if opts else {}
    vain = ", ".join(key for key in _NOT_HANDED_DOWN if given.get(key))
    if vain:
        pulumi.log.warn(
            f"{vain}: without effect on a component, because Pulumi does not hand it down. Use "
            "`transforms`, which reach the resources that the component is made of; for timeouts "
            "the component's own arguments.",
            parent,
        )
    return pulumi.ResourceOptions(parent=parent, depends_on=given.get("depends_on"))
