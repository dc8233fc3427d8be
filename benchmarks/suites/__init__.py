"""Suites of tasks, written for this project: each is a package with `TASKS`; none needs a network."""
