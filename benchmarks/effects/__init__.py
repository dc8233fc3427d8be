"""Effects that code can have outside its variables, by kind, and the kernel in which they are tried."""

from .case import Case, Outcome
from .files import FILES
from .memory import MEMORY
from .network import NETWORK
from .open_files import OPEN
from .processes import PROCESSES
from .state import STATE

CASES = [*FILES, *OPEN, *MEMORY, *NETWORK, *PROCESSES, *STATE]

__all__ = ["CASES", "Case", "Outcome"]
