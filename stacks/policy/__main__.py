"""The policy pack, started by `pulumi preview --policy-pack …`."""

import sys
from importlib.util import find_spec

missing = [
    name for name in ("pulumi_policy", "vertex_custom_weights_provider") if not find_spec(name)
]
if missing:
    sys.exit(
        f"The policy pack runs on {sys.executable}, which has no {' and no '.join(missing)}. Run "
        f"`{sys.executable} -m pip install pulumi-policy vertex-custom-weights`."
    )

from endpoint_policy.pack import pack  # noqa: E402 - what it imports is looked for first

pack()
