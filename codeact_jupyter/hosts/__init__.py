"""Hosts for front ends without the extension: prefilled cells, or a policy that decides."""
