"""Views in a cell's output: printed text, or the widget panel."""
