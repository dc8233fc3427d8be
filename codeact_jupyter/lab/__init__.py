"""The extension's side of the kernel: wire types, comms with pages, the live host and its view."""
