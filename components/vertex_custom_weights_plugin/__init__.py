"""The plugin `pulumi-resource-vcw`: resources and components for programs in any language."""
