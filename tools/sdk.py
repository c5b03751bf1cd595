"""Write the SDK of one language, from the plugin's schema.

    python tools/sdk.py nodejs examples/gcp-ts-private-endpoint/sdks/vcw
    make sdk                        # all of them, into .local/sdk

What is written is what `pulumi package add` writes with a CLI whose language hosts can be asked for
it. SDKs are not committed: the schema is, and nothing else goes into them. An SDK for Node.js is
compiled by the `npm install` of the project that uses it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
SCHEMA = CHECKOUT / "components" / "vertex_custom_weights_plugin" / "schema.json"
LANGUAGES = ("nodejs", "go", "python")


def write(language: str, folder: Path) -> None:
    """Write the SDK into `folder`, which is emptied first."""
    script = CHECKOUT / "tools" / "pulumi" / "ensure_languages.py"
    programs = subprocess.run(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([Path(programs, "generate-sdk"), language, SCHEMA, folder], check=True)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("language", choices=LANGUAGES)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    write(arguments.language, arguments.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
