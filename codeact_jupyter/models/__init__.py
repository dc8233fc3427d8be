"""Model files: what is known by name, fetching and verifying, header and memory checks before anything is loaded."""
