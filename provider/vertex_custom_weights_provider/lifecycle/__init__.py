"""What each resource does over its life, as plain functions over typed specs.

No pulumi here: the adapters in `resources` hand in a parsed spec and a `Cloud`, and get outputs
or an error back.
"""
