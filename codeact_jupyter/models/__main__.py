"""`python -m codeact_jupyter.models pull NAME`: the command `models` as a process, which `background` starts."""

from __future__ import annotations

import argparse
import sys

from .commands import add_parser, main

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(required=True))
    sys.exit(main(parser.parse_args(["models", *sys.argv[1:]])))
