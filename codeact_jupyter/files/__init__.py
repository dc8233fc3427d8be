"""Files of the user as text for the model: what is in a folder, and what a named file holds and how to read it."""
