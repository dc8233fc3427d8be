"""From a question to proposals and an answer: the loop, sampling, screening, and time limits."""
