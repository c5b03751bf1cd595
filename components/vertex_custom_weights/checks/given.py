"""A component's arguments, however a program gave them: as one dictionary, or each by its name."""

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from .names import refuse


def given(name: str, args: Any, named: Mapping[str, Any], opts: Any) -> Any:
    """Return the arguments as one dictionary, without those that are None.

    Args:
        name: Of the component.
        args: The dictionary, or None.
        named: What was given by name.
        opts: What was given as resource options.

    Raises:
        pulumi.RunError: something is given twice, or is no dictionary or no options.
    """
    problems: list[str] = []
    if not (args is None or isinstance(args, Mapping)):
        problems.append(
            f"the arguments must be a dictionary, or be given by name, not {type(args).__name__}."
        )
    if not (opts is None or isinstance(opts, pulumi.ResourceOptions)):
        problems.append(f"opts must be pulumi.ResourceOptions(...), not {type(opts).__name__}.")
    listed: Mapping[str, Any] = (
        cast("Mapping[str, Any]", args) if isinstance(args, Mapping) else dict[str, Any]()
    )
    problems += [
        f"{key} is given twice: in the dictionary and by name. Remove one of them."
        for key in listed.keys() & named.keys()
    ]
    refuse(name, problems)
    return {key: value for key, value in {**listed, **named}.items() if value is not None}
