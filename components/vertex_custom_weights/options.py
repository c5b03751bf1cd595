"""Options of the resources that a component is made of."""

from typing import Optional

import pulumi


def below(
    parent: pulumi.Resource, opts: Optional[pulumi.ResourceOptions]
) -> pulumi.ResourceOptions:
    """Return the options of a child: what the component waits for, the child waits for.

    Pulumi hands all else down by itself: protection, retention, aliases, transforms.
    """
    return pulumi.ResourceOptions(parent=parent, depends_on=opts.depends_on if opts else None)
