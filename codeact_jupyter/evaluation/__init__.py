"""Measure the agent and its baselines on suites of tasks with deterministic checkers."""
