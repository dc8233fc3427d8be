"""What the records of runs say: numbers with their intervals, comparisons, and a page to read."""
