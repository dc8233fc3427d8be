"""What the model gets to see: the live namespace (`context`) and what a run brought (`capture`, `observation`)."""
