"""From a question to proposals and an answer: the loop, its host and view, sampling, screening, time limits."""
