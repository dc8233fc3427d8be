"""Dialects of model families: prompts built from a transcript, replies parsed from text."""
