"""The command `jupyter codeact models`. Exit codes: 0 done, 2 wrong use, 3 a problem with the model."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from ..errors import ModelError, UsageProblem
from . import catalogue, store

if TYPE_CHECKING:
    # The class of what `add_subparsers` returns is private, and generic only for type checkers.
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_parser(subparsers: Subparsers) -> None:
    """Add the command `models` and its actions to a command line; they set `args.command` to `main`.

    Args:
        subparsers: the commands of the command line.
    """
    parser = subparsers.add_parser("models", help="list, pull, verify, locate or remove model files")
    parser.set_defaults(command=main)
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|pull|verify|path|remove")
    name = "a name of the list, or a hub id (owner/repo:file.gguf)"
    actions.add_parser("list", help="list the models known by name, and which are on disk")
    pull = actions.add_parser("pull", help="download a model, or continue a download that was cut off")
    pull.add_argument("name", nargs="?", default=catalogue.DEFAULT_MODEL, help=f"{name}; default: %(default)s")
    pull.add_argument("--offline", action="store_true", help="download nothing: only check what is on disk")
    verify = actions.add_parser("verify", help="read a file again and compare its sha256")
    verify.add_argument("name", nargs="?", help=f"{name}, or a path; default: all models on disk")
    path = actions.add_parser("path", help="print the path of a model's file, without downloading it")
    path.add_argument("name", nargs="?", default=catalogue.DEFAULT_MODEL, help=f"{name}; default: %(default)s")
    actions.add_parser("remove", help="delete a model's file from the cache").add_argument("name", help=name)


def main(args: argparse.Namespace) -> int:
    """Perform an action: results go to stdout, progress and problems to stderr.

    Args:
        args: the parsed command line.

    Returns:
        The exit code.
    """
    try:
        _ACTIONS[args.action](args)
    except ModelError as problem:
        _report(str(problem))
        return 3
    except UsageProblem as problem:
        _report(str(problem))
        return 2
    return 0


def _list(args: argparse.Namespace) -> None:
    print(f"  {'name':<24} {'size':>8}  {'on disk':<8} licence")
    for model in catalogue.models().values():
        mark = "*" if model.name == catalogue.DEFAULT_MODEL else " "
        size = catalogue.size_text(model.bytes) if model.bytes else "–"
        print(f"{mark} {model.name:<24} {size:>8}  {'yes' if _on_disk(model) else 'no':<8} {model.licence}")
    print("* the default. Any other GGUF: by its path, or by its hub id (owner/repo:file.gguf).")


def _pull(args: argparse.Namespace) -> None:
    model, path = store.pull(args.name, offline=args.offline, report=_report)
    print(f"{model.name}: {path}")


def _verify(args: argparse.Namespace) -> None:
    names = [args.name] if args.name else [model.name for model in catalogue.models().values() if _on_disk(model)]
    for name in names:
        model, path = store.verify(name, report=_report)
        print(f"{model.name}: {path} is the expected file")
    if not names:
        print("no model is on disk: `jupyter codeact models pull` downloads one")


def _path(args: argparse.Namespace) -> None:
    print(store.locate(args.name, fetch=False, report=_report)[1])


def _remove(args: argparse.Namespace) -> None:
    print(f"removed {store.remove(args.name)}")


def _on_disk(model: catalogue.Model) -> bool:
    return bool(model.file) and store.path_of(model).exists()


def _report(text: str) -> None:
    print(text, file=sys.stderr)


_ACTIONS = {"list": _list, "pull": _pull, "verify": _verify, "path": _path, "remove": _remove}
