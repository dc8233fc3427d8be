"""Agents to compare ours with: JSON and text tool calls, the published protocol, other agents."""
