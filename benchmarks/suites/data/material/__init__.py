"""What the tasks about data are made of: the public data sets, and checkers of answers, frames and plots."""
