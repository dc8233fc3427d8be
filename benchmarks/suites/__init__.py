"""The suites of tasks: each is a package with `TASKS`, written for this project, with its own data, no network."""
