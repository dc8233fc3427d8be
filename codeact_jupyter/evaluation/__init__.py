"""Measuring the agent: tasks with deterministic checkers, and the suites of them that come with the package."""
