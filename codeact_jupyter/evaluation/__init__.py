"""Measuring the agent: tasks with checkers, three action modes on the same tools, a resumable runner, a report."""
