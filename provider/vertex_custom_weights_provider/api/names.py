"""Names of things at Google, however they are spelled."""

from __future__ import annotations

import re

from vertex_custom_weights_provider.errors import ConfigurationError

_COMPUTE = (
    "https://www.googleapis.com/compute/v1/",
    "https://compute.googleapis.com/compute/v1/",
)


_SEGMENT = r"[\w~:-][\w.~:-]*"  # projects of old organisations are called example.com:project
_NAME = re.compile(rf"{_SEGMENT}(/{_SEGMENT})*", re.ASCII)
_LOCATION = re.compile(r"[a-z][a-z0-9-]*")


def last(name: str) -> str:
    """Return the last segment of a resource name, without a version."""
    return name.rsplit("/", 1)[-1].split("@", 1)[0]


def path(url: str) -> str:
    """Reduce a full or partial compute URL to `projects/...`."""
    for prefix in _COMPUTE:
        url = url.removeprefix(prefix)
    return url.split("/compute/v1/", 1)[-1]


def same(one: str, other: str) -> bool:
    """Tell whether two full names, or compute URLs, are of one thing.

    A project's id and its number are two spellings of it: the service answers with the number,
    whatever it was asked with. A version of a model is of that model.
    """
    ours, theirs = path(one).split("/"), path(other).split("/")
    if len(ours) != len(theirs) or len(ours) < 3:
        return ours == theirs
    project = ours[1] == theirs[1] or ours[1].isdigit() != theirs[1].isdigit()
    return project and ours[2:-1] == theirs[2:-1] and last(ours[-1]) == last(theirs[-1])


def checked(name: str) -> str:
    """Return the name of a resource, or of a method of one, as it may stand in a URL.

    Names come from programs, state, `pulumi import` and Google's own answers. One with a `#` or an
    `@` in it would lead to another host, and a `..` to another resource.

    Raises:
        ConfigurationError: it holds what no name has.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} is not the name of a resource: names such as projects/my-project/locations/"
            "us-central1/endpoints/chat hold letters, digits, slashes and . _ ~ : - only. Check "
            "the id that was given, for `pulumi import` or in the program."
        )
    return name


def location_of(name: str) -> str | None:
    """Return the location that a checked name lies in.

    Raises:
        ConfigurationError: it is none that a host can be named after.
    """
    parts = name.split("/")
    if len(parts) < 4 or parts[2] != "locations":
        return None
    location = parts[3].partition(":")[0]
    if not _LOCATION.fullmatch(location):
        raise ConfigurationError(
            f"{location!r} in {name!r} is no location: one is called such as us-central1."
        )
    return location
