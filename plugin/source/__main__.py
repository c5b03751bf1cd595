"""The plugin, as Pulumi starts it from a folder with a PulumiPlugin.yaml."""

from vertex_custom_weights_plugin.__main__ import main

if __name__ == "__main__":
    main()
