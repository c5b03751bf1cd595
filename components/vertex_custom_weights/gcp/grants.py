"""Access to the buckets that endpoints read their weights from, one grant for each bucket.

Endpoints with a grant of their own on the same bucket would take it from each other: for Google
they are one and the same.
"""

from collections.abc import Mapping
from typing import Any, Optional, cast

import pulumi

from .weights_access import WeightsAccess, WeightsAccessArgs, bucket_of

FLAG = "grant_weights_access"


def for_endpoint(
    name: str, args: Mapping[str, Any], project: Any, opts: pulumi.ResourceOptions
) -> list[WeightsAccess]:
    """Grant what an endpoint asks for by itself.

    Args:
        name: Of the endpoint.
        args: Its arguments.
        project: Its project.
        opts: Options of what is declared.
    """
    if not _asks(args):
        return []
    made: list[WeightsAccess] = []
    buckets: set[str] = set()
    for version, uri in _folders(args).items():
        bucket = bucket_of(uri) if isinstance(uri, str) else None
        if bucket is None or bucket not in buckets:
            buckets |= {bucket} if bucket else set()
            # Named after the bucket, as a version that goes must not take along what others need.
            part = (bucket or version) if version else ""
            own = f"{name}-{part}-weights-access" if part else f"{name}-weights-access"
            made.append(WeightsAccess(own, WeightsAccessArgs(bucket=uri, project=project), opts))
    return made


def for_stack(entries: Mapping[str, Any]) -> dict[str, list[WeightsAccess]]:
    """Grant once for each bucket what the endpoints of a stack ask for.

    Args:
        entries: Arguments of the endpoints by name. The flag goes from those that need no grant of
            their own any more.

    Returns:
        What endpoints have to wait for, by name.
    """
    made: dict[tuple[str, Optional[str]], WeightsAccess] = {}
    waits: dict[str, list[WeightsAccess]] = {}
    for name, args in entries.items():
        folders, project = _folders(args).values(), args.get("project")
        if not _asks(args) or not all(isinstance(one, str) for one in (*folders, project or "")):
            continue
        del args["deployment"][FLAG]
        for bucket in dict.fromkeys(bucket_of(uri) for uri in folders):
            if (bucket, project) not in made:
                made[bucket, project] = _grant(bucket, project)
            waits.setdefault(name, []).append(made[bucket, project])
    return waits


def _grant(bucket: str, project: Optional[str]) -> WeightsAccess:
    args = WeightsAccessArgs(bucket=bucket)
    if project is not None:
        args["project"] = project
    return WeightsAccess(f"{bucket}-access" + (f"-{project}" if project else ""), args)


def _asks(args: Mapping[str, Any]) -> bool:
    how = cast("Mapping[str, Any]", args.get("deployment") or {})
    return bool(how.get(FLAG))


def _folders(args: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the folders of weights by version; that of an endpoint without versions under ""."""
    versions = cast("Mapping[str, Any]", args.get("versions") or {})
    if not versions:
        return {"": args["weights_uri"]}
    return {name: version["weights_uri"] for name, version in versions.items()}
