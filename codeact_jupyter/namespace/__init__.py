"""Live objects and named files described as text, without running any code of the user."""
