"""A conversation as values and a state machine: messages, transitions, the durable transcript, window fitting."""
