"""Conditions of a run: suite, model, limits, code, versions, machine; and their comparison when it is continued."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..errors import UsageProblem
from .plan import Settings
from .suites import BASELINES, Suite, in_checkout

PACKAGES = ("codeact-jupyter", "llama-cpp-python", "ipython", "numpy", "pandas", "matplotlib", "scikit-learn")
#: files that do not affect an attempt
UNSEEN = ("evaluation/reporting/", "evaluation/commands.py", "evaluation/trajectories.py", "labextension/")


def describe_run(settings: Settings, suite: Suite, report: Callable[[str], None]) -> dict[str, Any]:
    """Describe a run for `run.json`. Fetches the model if it is not on the disk.

    Args:
        settings: Settings of the run.
        suite: Its tasks.
        report: Called with each line of progress.

    Returns:
        The description.

    Raises:
        ModelError: The model cannot be loaded.
    """
    return {
        "suite": {"name": suite.name, "given": settings.suite, "tasks": len(suite.tasks), "sha256": suite.sha256},
        "model": _model(settings, report),
        "conditions": settings.conditions,
        "settings": asdict(settings),
        "code": _code(
            *(name.rpartition(":")[0] for name in (settings.engine, settings.agent) if name),
            *([str(suite.code)] if suite.code else []),
            *map(str, filter(None, [in_checkout(BASELINES)])),
        ),
        "versions": {"python": platform.python_version(), **_versions()},
        "machine": _machine(),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def other_conditions(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Say in what the conditions of two runs differ.

    Args:
        before: Description of a run.
        now: Description of another one.

    Returns:
        The first of suite, model, settings and code that differs, and how; empty if none does.
    """
    for part, what in (("suite", "suite"), ("model", "model"), ("conditions", "setting"), ("code", "code")):
        old, new = before.get(part), now[part]
        if part == "suite":
            old, new = (each.get("sha256") for each in (before.get(part, {}), now[part]))
        if old != new:
            return f"{what} ({_difference(old, new)})"
    return ""


def refuse_other_conditions(before: Mapping[str, Any], now: Mapping[str, Any], out: Path) -> None:
    """Refuse to continue a run under other conditions.

    Args:
        before: `run.json` of the folder; empty for a new run.
        now: Description of the run that was asked for.
        out: The folder, for the message.

    Raises:
        UsageProblem: The suite, the model, a limit or the code differs.
    """
    if before and (other := other_conditions(before, now)):
        raise UsageProblem(f"{out} holds a run with another {other}: give another --out, or delete it.")


def merge_descriptions(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a run that is continued: when it began, and all that was asked for so far.

    Args:
        before: `run.json` of the folder; empty for a new run.
        now: Description of the run that was asked for.

    Returns:
        The description.
    """
    if not before:
        return dict(now)
    settings = dict(now["settings"])
    for name in ("modes", "arms", "seeds"):
        settings[name] = list(dict.fromkeys([*before["settings"][name], *settings[name]]))
    limits = before["settings"]["limit"], settings["limit"]
    settings["limit"] = max(limits) if all(limits) else 0
    settings["split"] = settings["split"] if settings["split"] == before["settings"]["split"] else "all"
    return {**now, "settings": settings, "started": before["started"]}


def _difference(old: Any, new: Any) -> str:
    if isinstance(old, dict) and isinstance(new, dict):
        names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        return ", ".join(f"{name} {_brief(old.get(name))}, not {_brief(new.get(name))}" for name in names)
    return f"{_brief(old)}, not {_brief(new)}"


def _brief(value: Any) -> str:
    text = str(value)
    return f"{text[:12]}…" if len(text) == 64 else text


def _model(settings: Settings, report: Callable[[str], None]) -> dict[str, Any]:
    if settings.engine:
        return {"name": settings.engine, "sha256": ""}
    from ..models.download import digest
    from ..models.store import locate

    model, path = locate(settings.model, report=report)
    return {"name": model.name, "file": path.name, "sha256": model.sha256 or digest(path), "bytes": path.stat().st_size}


def _code(*elsewhere: str) -> str:
    """Return the SHA-256 of the package's code and prompts that affect an attempt, and of these files and folders."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.md")]):
        name = path.relative_to(root).as_posix()
        if not name.startswith(UNSEEN):
            digest.update(f"{name}\0".encode() + path.read_bytes())
    for place in map(Path, elsewhere):
        for path in (
            sorted([*place.rglob("*.py"), *place.rglob("*.md")])
            if place.is_dir()
            else [place]
            if place.is_file()
            else []
        ):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # not installed, so not used
            continue
    return found


def _machine() -> dict[str, Any]:
    import psutil

    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory": psutil.virtual_memory().total,
        "system": f"{platform.system()} {platform.machine()}",
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
