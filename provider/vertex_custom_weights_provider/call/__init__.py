"""One RPC as its provider sees it."""
