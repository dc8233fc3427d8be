"""How a model family writes CodeAct: prompts built from a transcript, replies parsed from text."""
