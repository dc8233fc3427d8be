"""How a proposal reaches the user without the extension: prefilled cells, or a policy that decides."""
