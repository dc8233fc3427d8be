"""Cells that are right, put through what the agent does with a model's candidate: how many are refused or doubted."""
