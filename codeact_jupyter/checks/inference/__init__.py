"""Static inference over pandas code: follows values through a cell and checks calls, columns and types."""

from .expressions import find as find
