"""What can be told of a cell from its source and the live namespace alone: names, imports, calls, columns, stand-ins.

Each module looks for one sort of mistake that a model makes. Nothing of the cell is run, and nothing of the user's: the
live objects are looked at as in `observing`. Where a check cannot be sure it is silent, because a wrong finding costs
more than a missed one.
"""
