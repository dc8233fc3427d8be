"""What a user sees in a cell's output: printed text, or the widget panel."""
