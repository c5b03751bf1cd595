"""Serve dynamic resources: `python -u -m vertex_custom_weights_provider.host ENGINE_ADDRESS`."""

import sys

from vertex_custom_weights_provider.host.server import serve

if __name__ == "__main__":
    serve(sys.argv)
