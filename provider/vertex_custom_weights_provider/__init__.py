"""The engine side of vertex-custom-weights: resources, their lifecycle, and the embedded emulator.

State files remember import paths below `resources`; nothing there may move or be renamed.
"""
