"""Options in force in a notebook: the configured ones, overridden by those of the last `%%codeact` line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from traitlets import TraitError

from ..config import CodeAct
from ..errors import UsageProblem

POLICY = ("mode", "reach", "host", "trial")  #: options that decide whether steps are approved and tried


class Settings:
    """Options of one kernel's conversation.

    The options in `POLICY` are fixed when a question begins: until the next one only `set` changes them (`trial` also
    `%config`), and nothing does while a step runs.

    Args:
        config: The configured options.
        is_running: Returns True while an approved step runs.
        changed: Called after `set`.
    """

    def __init__(self, config: CodeAct, is_running: Callable[[], bool], changed: Callable[[], None]) -> None:
        self._config = config
        self._is_running = is_running
        self._changed = changed
        self._overrides: dict[str, Any] = {}  # the options of the last `%%codeact` line
        self._policy: dict[str, Any] = {}  # the values when the question began or `set` was called
        config.observe(self._keep_policy, list(POLICY))

    @property
    def in_force(self) -> CodeAct:
        """The options as they are now."""
        values = {name: getattr(self._config, name) for name in self._config.trait_names(config=True)}
        return CodeAct(**{**values, **self._overrides, **self._policy})

    def set(self, option: str, value: Any) -> None:
        """Set an option from now on.

        Args:
            option: Name of a trait of `CodeAct`.
            value: Its new value.

        Raises:
            UsageProblem: The value is wrong, or a step runs.
        """
        if self._is_running():
            raise UsageProblem("A step is running: change options when it has ended.")
        try:
            setattr(self._config, option, value)
        except TraitError as error:
            raise UsageProblem(str(error)) from error
        self._overrides.pop(option, None)
        self._fix_policy()
        self._changed()

    def override(self, options: Mapping[str, Any]) -> None:
        """Set the options of a new question.

        Args:
            options: Values for this question alone.
        """
        self._overrides = dict(options)
        self._fix_policy()

    def restore(self, options: Mapping[str, Any]) -> None:
        """Resume a question of an earlier kernel, but not its policy.

        Args:
            options: Values that were given for that question alone.
        """
        known = set(self._config.trait_names(config=True)) - set(POLICY)
        self._overrides = {name: value for name, value in options.items() if name in known}

    def _fix_policy(self) -> None:
        self._policy = {name: self._overrides.get(name, getattr(self._config, name)) for name in POLICY}

    def _keep_policy(self, change: dict[str, Any]) -> None:
        """Undo a change made by a running step. A change of `trial` by the user takes effect at once."""
        name, new = change["name"], change["new"]
        kept = self._policy.get(name, new)
        if self._is_running() and new != kept:
            setattr(self._config, name, kept)
        elif name == "trial" and not self._is_running():
            self._policy[name] = new
