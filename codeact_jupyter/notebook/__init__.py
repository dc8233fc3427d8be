"""`%%codeact` in a notebook: the conversation of a kernel and what it is composed of."""
