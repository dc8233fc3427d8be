"""What a running cell brings: captured, bounded, and rendered as an observation."""
