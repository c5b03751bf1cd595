"""Put the example that is there in every language onto the page of the registry, as tabs.

python tools/snippets.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
PAGE = CHECKOUT / "docs" / "_index.md"
BEGIN, END = "<!-- languages: tools/snippets.py -->\n", "<!-- /languages -->\n"
# Language of the registry and of the block, and the program.
PROGRAMS = {
    "python": ("python", "gcp-py-private-endpoint/__main__.py"),
    "typescript": ("typescript", "gcp-ts-private-endpoint/index.ts"),
    "go": ("go", "gcp-go-private-endpoint/main.go"),
    "yaml": ("yaml", "gcp-yaml-private-endpoint/Pulumi.yaml"),
}


def tabs() -> str:
    """Return the tabs: Pulumi's registry shows one, GitHub all below one another."""
    lines = [f'{{{{< chooser language "{",".join(PROGRAMS)}" >}}}}', ""]
    for language, (block, path) in PROGRAMS.items():
        program = (CHECKOUT / "examples" / path).read_text(encoding="utf-8").rstrip()
        lines += [
            f"{{{{% choosable language {language} %}}}}",
            "",
            f"```{block}",
            program,
            "```",
            "",
        ]
        lines += ["{{% /choosable %}}", ""]
    return "\n".join([*lines, "{{< /chooser >}}", ""])


def main() -> int:
    """Run the command line."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    made = f"{before}{BEGIN}\n{tabs()}\n{END}{after}"
    if "--check" in sys.argv[1:]:
        if made != text:
            print(f"{PAGE.name} is not what the examples say: run python tools/snippets.py")
        return int(made != text)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
