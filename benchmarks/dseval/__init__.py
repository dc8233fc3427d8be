"""Measure the agent on DSEval (https://github.com/MetaCopilot/dseval, MIT), read from a folder outside this repository.

Nothing of DSEval is part of this repository: its files are read, and its validators are written here anew after their
documentation. The authors' protocol: each question is asked in the namespace that the reference solutions of the
questions before it have left.
"""
