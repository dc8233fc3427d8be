"""Model files: the catalogue, downloads and verification, and the checks of header and memory before a load."""
