"""`%%codeact` in a notebook: the magics, the conversation of a kernel, and their wiring."""
