"""Live objects and named files as text, without running any of the user's code."""
