"""Options of `%%codeact` as traitlets: set in `ipython_config.py`, with `%config CodeAct`, or for one question."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from platformdirs import user_state_path
from traitlets import Bool, Enum, Float, Int, TraitError, Unicode, validate
from traitlets.config import Configurable

from .models.catalogue import DEFAULT_MODEL
from .models.folders import expanded
from .session.reach import DEFAULT_REACH, REACHES
from .session.techniques import ALL, NAMES, Techniques


class Whole(Int[int, int]):
    """A whole number. In contrast to `Int`, `True` is none."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Check a value.

        Args:
            obj: The object that has the trait.
            value: Its new value.

        Returns:
            The value.

        Raises:
            TraitError: It is no such number, or out of bounds.
        """
        return self.error(obj, value) if isinstance(value, bool) else super().validate(obj, value)


class Real(Float[float, float]):
    """A number. In contrast to `Float`, neither `True` nor NaN is one."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Check a value. See `Whole.validate`."""
        return self.error(obj, value) if isinstance(value, bool) or value != value else super().validate(obj, value)


class CodeAct(Configurable):
    """Options of the agent."""

    model = Unicode(
        DEFAULT_MODEL, help="Catalogue name, path of a GGUF file, or hub id `owner/repository:file.gguf`."
    ).tag(config=True)
    adapter = Unicode("", help="Path of a LoRA adapter (GGUF) for the model.").tag(config=True)
    server = Unicode(
        "",
        help="Address of an OpenAI-compatible server, such as `http://127.0.0.1:8000/v1`, to which all text is sent; "
        "`model` is then a name there.",
    ).tag(config=True)
    mode = Enum(
        ["ask", "auto"],
        "ask",
        help="`ask`: each step needs your approval. `auto`: steps run without approval, within the limits.",
    ).tag(config=True)
    reach = Enum(
        list(REACHES),
        DEFAULT_REACH,
        help="In `auto` mode, steps run without approval that wanted no more than this in their trial: `read-only`: "
        "nothing outside the kernel; `workspace`: to write files in the notebook's folder; `all`: anything.",
    ).tag(config=True)
    host = Enum(
        ["detect", "next_input", "inline", "driven"],
        "detect",
        help="How a step reaches you: `next_input` as the next cell, `inline` in the asking cell (headless); `driven` "
        "as the next cell, for a program that decides without asking anybody, as `--approve auto` does.",
    ).tag(config=True)
    view = Enum(
        ["detect", "panel", "plain", "stream"],
        "detect",
        help="How the conversation is shown: a widget, printed text, or text without the steps (for programs).",
    ).tag(config=True)
    max_turns = Whole(
        10, min=1, max=1000, help="Maximum number of steps for one question; after them the model must answer."
    ).tag(config=True)
    max_seconds = Real(
        600.0, min=1, max=604_800, help="In `auto` mode: maximum seconds for one question, running cells included."
    ).tag(config=True)
    max_tokens = Whole(768, min=16, max=131_072, help="Maximum number of tokens in one reply.").tag(config=True)
    temperature = Real(0.0, min=0, max=2, help="0 gives the most likely text; higher values vary it.").tag(config=True)
    seed = Whole(0, min=0, max=2**32 - 1, help="Random seed of the sampling.").tag(config=True)
    context_size = Whole(
        0, min=0, max=10_000_000, help="The model's window in tokens; 0: 8,192, or less if memory is short."
    ).tag(config=True)
    context_tokens = Whole(
        900, min=100, max=1_000_000, help="Maximum number of tokens for the listing of the notebook's names."
    ).tag(config=True)
    observation_chars = Whole(
        4000, min=500, max=1_000_000, help="Maximum number of characters of a step's result."
    ).tag(config=True)
    trial = Bool(True, help="Try each step in a copy of the kernel, which can change nothing, before you read it.").tag(
        config=True
    )
    trial_seconds = Real(10.0, min=0.1, max=86_400, help="Maximum seconds for one trial.").tag(config=True)
    evidence_seconds = Real(
        0.4,
        min=0,
        max=86_400,
        help="Maximum seconds for finding out what a step's result rests on, by running it on other data; 0: no.",
    ).tag(config=True)
    prepare_next = Bool(
        True,
        help="Generate the next reply while you read a step, from the outcome of its trial. Never on battery.",
    ).tag(config=True)
    threads = Whole(0, min=0, max=4096, help="Threads of the model; 0: one for each physical core.").tag(config=True)
    without = Unicode("", help=f"Techniques to switch off, separated by commas: {', '.join(NAMES)}.").tag(config=True)
    undo_megabytes = Whole(
        256, min=0, max=10_000_000, help="Maximum megabytes of memory for undoing what steps changed; 0: none."
    ).tag(config=True)
    offline = Enum([False, True], False, help="Never download a model, nor use a server.").tag(config=True)
    journal_dir = Unicode(
        str(user_state_path("codeact-jupyter") / "sessions"), help="Folder of the conversations' journals."
    ).tag(config=True)

    @property
    def techniques(self) -> Techniques:
        """Techniques in use: all but those named in `without`, and trials only with the option `trial`."""
        use = _without(self.without)
        return use if self.trial else use.without("trial")

    @property
    def of_model(self) -> dict[str, Any]:
        """The options that decide how the model is opened."""
        return {name: getattr(self, name) for name in ("context_size", "threads", "adapter", "server", "offline")}

    @property
    def server_host(self) -> str:
        """Host to which the text of the conversation goes; empty if the model runs in this process."""
        parts = urlsplit(self.server)
        return parts.netloc.rpartition("@")[2]

    @validate("server")
    def _is_address(self, proposal: dict[str, Any]) -> str:
        value: str = proposal["value"]
        if value and not (urlsplit(value).scheme in ("http", "https") and urlsplit(value).hostname):
            raise TraitError(f"{value!r} is no address such as http://127.0.0.1:8000/v1.")
        return value

    @validate("without")
    def _known(self, proposal: dict[str, Any]) -> str:
        value: str = proposal["value"]
        try:
            _without(value)
        except ValueError as error:
            raise TraitError(str(error)) from None
        return value

    @property
    def journals(self) -> Path:
        """`journal_dir` as a path."""
        return expanded(self.journal_dir)


def _without(names: str) -> Techniques:
    return ALL.without(*filter(None, map(str.strip, names.split(","))))


def describe_options() -> str:
    """Describe all options.

    Returns:
        A line for each option, with its help and default.
    """
    lines = []
    for name, trait in sorted(CodeAct.class_traits(config=True).items()):
        default = trait.default_value if trait.default_value != "" else "''"
        lines.append(f"  {name:<18} {trait.help} [{default}]")
    return "\n".join(lines)
