"""Checkers of the suites: of answers, of data frames, of plots."""
