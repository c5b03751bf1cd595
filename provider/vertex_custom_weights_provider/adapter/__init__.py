"""Between Pulumi's dynamic provider protocol and the lifecycles."""
