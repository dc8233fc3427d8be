"""Pages and plots of the runs of an evaluation."""
