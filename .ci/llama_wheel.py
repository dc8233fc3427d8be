"""Print the path of a llama-cpp-python wheel for this CPU, building it on first use (about five minutes).

llama.cpp is compiled for the instructions of the CPU that builds it, and can crash on another one: the wheel is kept in
the user's cache directory, in a folder named after the CPU's flags. The cache may be deleted at any time.

With `LLAMA_WHEELS`, the address of a package index with prebuilt wheels, one from there is taken if it has this version
for this Python and system. It may be slower than one that is compiled here.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

REQUIREMENT = "llama-cpp-python==0.3.36"  # the version that the tests run with


def main() -> int:
    """Print the path of the wheel; return 1 if it must be built and there is no compiler."""
    kept = cache_directory() / "codeact-jupyter" / "wheels" / machine_key()
    wheel = find(kept) or prebuilt(kept, os.environ.get("LLAMA_WHEELS", ""))
    if wheel is None:
        if not any(shutil.which(compiler) for compiler in (os.environ.get("CXX", "c++"), "g++", "clang++")):
            print("No C++ compiler was found, and llama.cpp must be compiled: install g++ or clang.", file=sys.stderr)
            return 1
        print(f"Compiling {REQUIREMENT} for this CPU: about five minutes, once ...", file=sys.stderr, flush=True)
        wheel = build(kept)
    print(wheel)
    return 0


def cache_directory() -> Path:
    """Return the user's cache directory."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def machine_key() -> str:
    """Return a name for this CPU and Python, such as `1f0c2e77a9b1d35e-cp311-x86_64`."""
    flags = hashlib.sha256(cpu_flags().encode()).hexdigest()[:16]
    return f"{flags}-cp{sys.version_info.major}{sys.version_info.minor}-{platform.machine()}"


def cpu_flags() -> str:
    """Return the instruction sets of the CPU, or its name where the system does not list them."""
    if sys.platform == "darwin":
        return subprocess.check_output(["sysctl", "-n", "machdep.cpu.brand_string"], text=True).strip()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return " ".join(sorted(value.split()))
    return platform.processor()


def find(directory: Path) -> Path | None:
    """Return the wheel of the required version in `directory`."""
    name, version = REQUIREMENT.split("==")
    return next(directory.glob(f"{name.replace('-', '_')}-{version}-*.whl"), None)


def prebuilt(directory: Path, index: str) -> Path | None:
    """Download a wheel from an index; return None without an index, or if it has none that fits."""
    if not index:
        return None
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent) as scratch:
        pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--dest",
            scratch,
        ]
        subprocess.run([*pip, "--index-url", index, REQUIREMENT], check=False, stdout=sys.stderr)
        wheel = find(Path(scratch))
        if wheel is None:
            print(f"{index} has no wheel of {REQUIREMENT} for this machine.", file=sys.stderr)
        return wheel.replace(directory / wheel.name) if wheel else None


def build(directory: Path) -> Path:
    """Build the wheel beside `directory`, then move it in, so that `find` never sees half a file."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent) as scratch:
        # pip's own cache of built wheels knows nothing of CPU flags. `followed` reads the verbose output.
        pip = [sys.executable, "-m", "pip", "wheel", "--verbose", "--no-cache-dir", "--no-deps", "--wheel-dir", scratch]
        followed([*pip, REQUIREMENT])
        wheel = find(Path(scratch))
        if wheel is None:
            raise SystemExit(f"pip built no wheel of {REQUIREMENT}")
        return wheel.replace(directory / wheel.name)


def followed(command: list[str]) -> None:
    """Run a command that compiles, and show a bar in place of its output; print the end of that if it fails."""
    started, shown, last = time.monotonic(), "", deque[str](maxlen=40)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as run:
        assert run.stdout is not None
        for line in run.stdout:
            last.append(line)
            if (now := bar(line, time.monotonic() - started)) and now[:30] != shown[:30]:
                shown = now
                print(now, end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)
    if run.returncode:
        print("".join(["\n", *last]), file=sys.stderr)
        raise SystemExit(f"{REQUIREMENT} could not be compiled: the end of the output is above.")
    print(f"\nCompiled in {time.monotonic() - started:.0f} s.", file=sys.stderr)


def bar(line: str, seconds: float) -> str:
    """Return a bar if a line of output tells how many files are compiled, as `[12/240] Building …`; else nothing."""
    found = re.search(r"\[(\d+)/(\d+)\]", line)
    if found is None or not int(found[2]):
        return ""
    done = 20 * int(found[1]) // int(found[2])
    return f"  {'█' * done}{'░' * (20 - done)} {5 * done:>3} %  {seconds:.0f} s"


if __name__ == "__main__":
    sys.exit(main())
