"""What the agent is compared with: JSON and text tool calls, the published protocol, other agents."""
