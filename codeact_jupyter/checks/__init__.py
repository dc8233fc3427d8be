"""What can be told of a cell before it runs, and of an error after: names, imports, calls, columns, stand-ins.

`findings` asks the modules that look for one sort of mistake each; `flow`, and what it rests on, follows what the names
of the cell stand for. `hints`, `remedies` and `tools` explain errors; `spelling`, `confusions`, `unasked` and `unused`
compare with the task. Nothing of the cell is run, and nothing of the user's: the live objects are looked at as in
`observing`. Where a check cannot be sure it is silent, because a wrong finding costs more than a missed one.
"""
