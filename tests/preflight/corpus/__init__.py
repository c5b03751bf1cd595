"""Labelled folders of weights, most of them wrong in exactly one way."""
