"""A conversation as values: messages, state machine, durable transcript, window fitting."""
