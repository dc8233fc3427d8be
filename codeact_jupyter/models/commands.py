"""The command `jupyter codeact models`. Exit codes: 0 done, 2 wrong use, 3 a problem with the model."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from ..errors import ModelError, UsageProblem
from . import catalogue, recommend, store

if TYPE_CHECKING:
    # The class of what `add_subparsers` returns is private, and generic only for type checkers.
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

THINKS = {"none": "no", "switch": "switched off", "always": "always"}  #: by `Model.thinking`


def add_parser(subparsers: Subparsers) -> None:
    """Add the command `models` and its actions to a command line; they set `args.command` to `main`.

    Args:
        subparsers: the commands of the command line.
    """
    parser = subparsers.add_parser("models", help="list, recommend, pull, verify, locate or remove models")
    parser.set_defaults(command=main)
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|recommend|pull|verify|path|remove")
    name = "a name of the list, or a hub id (owner/repo:file.gguf)"
    actions.add_parser("list", help="list the models known by name, and which are on disk")
    advise = actions.add_parser("recommend", help="measure this machine for ten seconds, and say which models suit it")
    advise.add_argument("--model", default="", metavar="NAME", help="measure with this one; default: the best on disk")
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


def _recommend(args: argparse.Namespace) -> None:
    known = catalogue.models()
    if args.model and args.model not in known:
        raise catalogue.unknown(args.model)
    probe = known[args.model] if args.model else recommend.at_hand()
    total, free = recommend.machine()
    print(f"{catalogue.size_text(total)} of memory, {catalogue.size_text(free)} free")
    speed = recommend.measure(store.locate(probe.name, fetch=False, report=_report)[0]) if probe else None
    if speed:
        gpus = ", ".join(speed.gpus) or "no GPU that llama.cpp was built for"
        print(f"{speed.threads} threads · {gpus}")
        print(
            f"measured with {speed.model}: reads {speed.prefill:.0f} tokens/s, writes {speed.decode:.1f} tokens/s "
            f"({catalogue.size_text(int(speed.bandwidth))}/s of weights)"
        )
    else:
        print("No model is on disk to measure with: pull one, such as qwen2.5-coder-0.5b, and run this again.")
    advice = recommend.advise(free, speed)
    sizes, about = f"{'size':>8} {'needs':>8}", f"{'licence':<12} {'thinks':<12} good for"
    print(f"\n  {'name':<24} {sizes}  {'keeps free':<12} {'a step':>7}  {about}")
    for each in advice:
        print(_advice_line(each))
    print(
        f"* on disk. A step: {recommend.STEP_READS} new tokens read, {recommend.STEP_WRITES} written, "
        "which is a sentence and six lines of code; models that think first take longer."
    )
    if choice := recommend.best(advice):
        print(f"The largest that fits and needs at most {recommend.PATIENCE:.0f} s for a step: {choice.model.name}")


def _advice_line(advice: recommend.Advice) -> str:
    model, size_text = advice.model, catalogue.size_text
    mark = "*" if _on_disk(model) else " "
    room = size_text(advice.left) if advice.fits else "does not fit"
    seconds = f"{advice.seconds:.0f} s" if advice.seconds else "–"
    sizes = f"{size_text(model.bytes):>8} {size_text(advice.needs):>8}"
    about = f"{model.licence:<12} {THINKS[model.thinking]:<12} {model.good_for}"
    return f"{mark} {model.name:<24} {sizes}  {room:<12} {seconds:>7}  {about}"


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


_ACTIONS = {"list": _list, "recommend": _recommend, "pull": _pull, "verify": _verify, "path": _path, "remove": _remove}
