"""Reports on runs: numbers with their intervals, comparisons, plots, and a page with every trajectory."""
