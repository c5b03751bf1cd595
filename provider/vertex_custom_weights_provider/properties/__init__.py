"""What a resource is made of: one typed model per resource, which is also its property table.

A model says for every property its type, its limits, the API field it mirrors, and whether a
change is made in place or replaces the object, and why. Validation, diff, schema and reference
are all read from it. Names on the wire are camelCase, as a native Pulumi provider would have.
"""
