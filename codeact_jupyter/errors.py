"""All errors that this package raises on purpose.

    CodeActError
    ├── ModelError              the model file or its machine: exit code 3
    │   ├── ModelNotFound       no such catalogue name, path or hub id; or not on disk and offline
    │   ├── DownloadFailed      no source delivered the file
    │   ├── ModelCorrupt        not a GGUF, truncated, or not the pinned bytes
    │   └── NotEnoughMemory     weights, KV cache and buffers do not fit what is free
    ├── PromptTooLong           the chat does not fit the model's window
    ├── GenerationFailed        the model's runtime reported an error while generating
    ├── JournalError            the transcript cannot be written or read
    └── UsageProblem            an option, command or argument is wrong: exit code 2

Each message is one sentence or two: what is wrong, and what to do next.
"""


class CodeActError(Exception):
    """Base of all errors of this package."""


class ModelError(CodeActError):
    """The model cannot be used."""


class ModelNotFound(ModelError):
    """No model by this name, path or hub id, or it is not on disk and may not be fetched."""


class DownloadFailed(ModelError):
    """No source delivered the model's file."""


class ModelCorrupt(ModelError):
    """The file is not the model it should be."""


class NotEnoughMemory(ModelError):
    """The model does not fit the free memory."""


class PromptTooLong(CodeActError):
    """The chat does not fit the model's window."""


class GenerationFailed(CodeActError):
    """The model's runtime reported an error while generating."""


class JournalError(CodeActError):
    """The transcript cannot be written or read."""


class UsageProblem(CodeActError):
    """An option, command or argument is wrong."""
