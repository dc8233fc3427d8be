"""The copy of the kernel in which cells are tried: fork, sandbox, supervision and report."""

from .effects import Effect
from .failing import Failing
from .outcome import STOPPED, Outcome, Trial

__all__ = ["STOPPED", "Effect", "Failing", "Outcome", "Trial"]
