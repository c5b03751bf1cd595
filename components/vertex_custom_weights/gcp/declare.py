"""Resources of pulumi-gcp, for what Google Cloud offers beside Vertex AI.

They are declared by type and property name. The classes of pulumi-gcp come by whole services, and
importing that of Compute Engine takes seconds and 200 MB in every preview. Its version decides
which plugin serves them, as it does for its own classes.
"""

from collections.abc import Mapping
from typing import Any, Optional

import pulumi


def declare(
    token: str,
    name: str,
    properties: Mapping[str, Any],
    opts: Optional[pulumi.ResourceOptions] = None,
) -> pulumi.CustomResource:
    """Declare a resource of pulumi-gcp.

    Args:
        token: Its type, such as `gcp:dns/recordSet:RecordSet`.
        name: Its name in the program.
        properties: Its inputs in camelCase. Outputs to be read are named too, with None.
        opts: Options of the resource.

    Raises:
        pulumi.RunError: pulumi-gcp is not installed.
    """
    defaults = _defaults(f"{name} is made")
    return pulumi.CustomResource(
        token, name, dict(properties), pulumi.ResourceOptions.merge(defaults, opts)
    )


def ask(
    token: str, arguments: Mapping[str, Any], opts: pulumi.ResourceOptions
) -> pulumi.Output[Mapping[str, Any]]:
    """Return what a function of pulumi-gcp answers, with keys in camelCase.

    Args:
        token: The function, such as `gcp:organizations/getProject:getProject`.
        arguments: Its arguments in camelCase.
        opts: Options that a resource in its place would have.

    Raises:
        pulumi.RunError: pulumi-gcp is not installed.
    """
    defaults = _defaults(f"{token.rsplit(':', 1)[-1]} is answered")
    how = pulumi.InvokeOutputOptions(
        parent=opts.parent,
        version=defaults.version,
        plugin_download_url=defaults.plugin_download_url,
    )
    return pulumi.runtime.invoke_output(token, dict(arguments), how)


def _defaults(what: str) -> pulumi.ResourceOptions:
    """Return the options that name the version of pulumi-gcp."""
    try:
        from pulumi_gcp import _utilities
    except ImportError:
        raise pulumi.RunError(
            f"{what} by pulumi-gcp, which is not installed. "
            "Run `pip install 'vertex-custom-weights[gcp]'`."
        ) from None
    return _utilities.get_resource_opts_defaults()


def output(resource: pulumi.CustomResource, name: str) -> pulumi.Output[Any]:
    """Return a property of the resource by its name in camelCase."""
    return resource.__dict__[name]
