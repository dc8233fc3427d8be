"""Agents that ours is compared with: JSON and text tool calls, and the published protocol."""
