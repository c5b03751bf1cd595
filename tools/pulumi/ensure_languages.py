"""Print the folder of Pulumi's other language hosts and of the SDK generator, building them first.

    python tools/pulumi/ensure_languages.py

Only tests and `make sdk` need them: `pulumi-language-nodejs`, `-go` and `-yaml`, and `generate-sdk`
(see its source). They are built with Go into the tool cache of the Pulumi CLI, whose compiled
packages they share; a build follows every change of their recipes.
"""

from __future__ import annotations

import os
import sys

from build import LANGUAGES, build
from toolchain import ToolchainError


def main() -> int:
    """Run the command line."""
    try:
        if not LANGUAGES.ready(os.environ):
            build(LANGUAGES, os.environ, "language hosts are not there yet")
    except ToolchainError as error:
        print(error, file=sys.stderr)
        return 1
    print(LANGUAGES.folder(os.environ) / "bin")
    return 0


if __name__ == "__main__":
    sys.exit(main())
