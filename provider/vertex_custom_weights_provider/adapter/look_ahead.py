"""The function `lookAhead`: a program says which folders of weights its resources will name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vertex_custom_weights_provider.adapter import phase
from vertex_custom_weights_provider.adapter.provider import configuration
from vertex_custom_weights_provider.adapter.served_call import served


def announce(arguments: dict[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """Begin listing the announced folders together, and return at once.

    Args:
        arguments: `folders`, a list of objects with `weights_uri` and perhaps `project` and
            `location`.
        config: The stack's configuration.
    """
    from vertex_custom_weights_provider.adapter.glance import Glance
    from vertex_custom_weights_provider.lifecycle.weights.announced import Folder
    from vertex_custom_weights_provider.properties.gcs_folder import GcsUri, InvalidUriError
    from vertex_custom_weights_provider.settings import Settings

    call = served()
    folders: list[Folder] = []
    for given in arguments.get("folders", ()):
        place = (given.get("project", ""), given.get("location", ""))
        try:
            uri = str(GcsUri.parse(given["weights_uri"]))
        except InvalidUriError:
            continue  # the check of its resource says what is wrong
        folders.append(Folder(uri, *place))
    cloud = phase.current().cloud(Settings.resolve(configuration(config)), call)
    cloud.memory.of(Glance).announce(cloud, folders)
    return {"announced": len(folders)}
