"""The live kernel: describe its namespace, run approved code, refuse unapproved code, interrupt."""
