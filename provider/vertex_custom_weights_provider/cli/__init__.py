"""The command line, `vcw`: one module for each command or group of commands."""
