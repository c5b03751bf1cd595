"""Names of things at Google, however they are spelled."""

from __future__ import annotations

_COMPUTE = (
    "https://www.googleapis.com/compute/v1/",
    "https://compute.googleapis.com/compute/v1/",
)


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
