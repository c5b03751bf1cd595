"""The resources users declare. FROZEN: state files remember these import paths.

Each file holds a resource class, which runs in the program, and its provider class, which is
pickled by reference into the state and runs in the provider process. A module here may never be
moved or renamed; both sides import light, because every `pulumi` command pays for it.
"""
