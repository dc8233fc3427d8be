"""Outputs of a running cell: captured, kept within bounds, and rendered as an observation."""
