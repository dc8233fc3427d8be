"""Run the rings of checks, one after another, each in processes of its own, and print the minutes that each took.

    python .ci/rings.py              all rings but `fuzz` and `finetune`, as `make test` does
    python .ci/rings.py pure model   only these

Exit status 0 means: every command succeeded, every ring ran at least one test, and none was skipped, expected to fail
or repeated (`tests/conftest.py` sees to that).
"""

from __future__ import annotations

import functools
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
MODELS = ("smollm2-135m", "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b")
APART = ("fuzz", "finetune")  #: rings that run only when they are named
ASIDE = ThreadPoolExecutor(1)  #: prepares what a later ring needs
Tally = Counter[str]


def main(names: list[str]) -> int:
    """Run these rings, or all that gate a change; return the exit status."""
    unknown = [name for name in names if name not in RINGS]
    if unknown:
        print(f"No such ring: {', '.join(unknown)}. The rings are {', '.join(RINGS)}.")
        return 2
    os.chdir(ROOT)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    total, minutes, failed = Counter[str](), dict[str, float](), []
    names = names or [name for name in RINGS if name not in APART]
    if "browser" in names:
        browser_environments()
    for name in names:
        print(f"\n=== {name} ===", flush=True)
        start = time.monotonic()
        ok, tally = RINGS[name]()
        minutes[name] = (time.monotonic() - start) / 60
        total += tally
        if not ok:
            failed.append(name)
        print(f"=== {name}: {'ok' if ok else 'FAILED'}, {minutes[name]:.1f} min ===", flush=True)
    print("\n" + "\n".join(f"{name:<10} {minutes[name]:5.1f} min" for name in minutes))
    print(f"{'total':<10} {sum(minutes.values()):5.1f} min")
    if failed:
        print(f"Rings that failed: {', '.join(failed)}")
    excused = f", {total['skipped']} skipped" if total["skipped"] else ""
    print(f"{total['passed']} passed, {total['failed']} failed{excused}")
    return 1 if failed else 0


def lint() -> tuple[bool, Tally]:
    """Check forms, types and layers; also the extension's, with its unit tests."""
    python = [sys.executable, "-m"]
    results = [
        run([*python, "ruff", "check", "."]),
        run([*python, "ruff", "format", "--check", "."]),
        run([*python, "mypy"]),
        run(["lint-imports", "--no-logo", "--no-cache"]),
        run(["jlpm", "install", "--immutable"], cwd="labextension", quiet=True),
        *(run(["jlpm", "run", script], cwd="labextension") for script in ("check", "lint:check", "test")),
        every_test_has_a_ring(),
    ]
    return all(results), Counter()


def folder(path: str, *, models: bool = False) -> Callable[[], tuple[bool, Tally]]:
    """Return the ring that runs the tests in one folder but the hostile ones, with the models that they need."""

    def ring() -> tuple[bool, Tally]:
        ready = not models or fetch_models()
        ok, tally = pytest(["-m", "not hostile", path])
        return ready and ok, tally

    return ring


def hostile() -> tuple[bool, Tally]:
    """Run the hostile tests of `pure`, `ipython` and `kernel`, in two processes at once, and print their table.

    A class of attacks that was tried less often than promised is a failure.
    """
    sys.path.insert(0, str(ROOT))
    from tests.hostile import of_junit, shortfalls, table

    ready = fetch_models()
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor() as both:

        def half(*folders: str) -> tuple[bool, Path]:
            report = Path(scratch) / f"{len(folders)}.xml"
            options = ["-q", "-m", "hostile", f"--junitxml={report}", *folders]
            return run([sys.executable, "-m", "pytest", *options], quiet=True), report

        halves = [both.submit(half, "tests/pure", "tests/ipython"), both.submit(half, "tests/kernel")]
        done = [each.result() for each in halves]
        reports = [report for _, report in done if report.exists()]
        tests = [test for report in reports for test in of_junit(report)]
        short = shortfalls(tests)
        print("\n".join([*table(tests), *short]))
        return ready and not short and all(ok for ok, _ in done), sum(map(count, reports), Counter())


def notebooks() -> tuple[bool, Tally]:
    """Execute the notebooks under the settings in `tests/ipython_dir`, of which IPython gets a copy to write in."""
    settings = Path("tests/ipython_dir")
    if not settings.is_dir():
        print(f"{settings} does not exist.")
        return False, Counter()
    ready = fetch_models()
    with tempfile.TemporaryDirectory() as scratch:
        copy = shutil.copytree(settings, Path(scratch) / "ipython")
        options = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=900", "-p", "tests.conftest"]
        ok, tally = pytest([*options, "notebooks"], {"IPYTHONDIR": str(copy)})
    return ready and ok, tally


def browser() -> tuple[bool, Tally]:
    """Run the tests that drive JupyterLab: in a Chromium, and in two environments beside this one."""
    environment = browser_environments().result()
    if environment is None:
        return False, Counter()
    ready = fetch_models()
    ok, tally = pytest(["tests/browser"], environment)
    return ready and ok, tally


@functools.cache
def browser_environments() -> Future[dict[str, str] | None]:
    """Begin to install what the ring `browser` needs, beside the rings before it; the result is None if that fails."""

    def install() -> dict[str, str] | None:
        environment = {}
        needs = {
            "CODEACT_CHROMIUM": ["chromium.py"],
            "CODEACT_OLDEST": ["environment.py", "oldest"],
            "CODEACT_NEIGHBOURS": ["environment.py", "neighbours"],
        }
        for variable, (script, *names) in needs.items():
            command = [sys.executable, f".ci/{script}", *names]
            found = subprocess.run(command, capture_output=True, text=True, check=False)
            if found.returncode:
                print(found.stderr, flush=True)
                return None
            environment[variable] = found.stdout.strip()
        return environment

    return ASIDE.submit(install)


def fuzz() -> tuple[bool, Tally]:
    """Run the property tests with new random examples, again and again, until something fails or the time is over.

    The command of each round is printed; with its seed it tries the same examples again.
    """
    end = time.monotonic() + 60 * float(os.environ.get("MINUTES", "10"))
    ok, total = True, Counter[str]()
    while ok and time.monotonic() < end:
        seed = random.randrange(2**32)
        options = ["-q", "-m", "hypothesis", "--hypothesis-profile=fuzz", f"--hypothesis-seed={seed}"]
        ok, tally = pytest([*options, "tests/pure"])
        total += tally
    if not ok:
        print("Run the last command again to reproduce the failure, and keep the example: @example(...), or a test.")
    return ok, total


def pytest(arguments: list[str], environment: dict[str, str] | None = None) -> tuple[bool, Tally]:
    """Run pytest; return if it succeeded, and how many tests passed, failed and were skipped.

    A missing folder is a failure.
    """
    if not Path(arguments[-1]).is_dir():
        print(f"{arguments[-1]} does not exist.")
        return False, Counter()
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        ok = run([sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments], environment=environment)
        return ok, count(report) if report.exists() else Counter()


def count(report: Path) -> Tally:
    """Count the tests in a JUnit report."""
    tally: Tally = Counter()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        tally += Counter(passed=int(suite.get("tests", 0)) - failed - skipped, failed=failed, skipped=skipped)
    return tally


@functools.cache
def fetch_models() -> bool:
    """Fetch the models that the tests use, once; return True if all are there."""
    return all(run(["jupyter-codeact", "models", "pull", name]) for name in MODELS)


def every_test_has_a_ring() -> bool:
    """Return True if every test file is in the folder of a ring; name those that are not."""
    stray = [str(path) for path in Path("tests").rglob("test_*.py") if path.parts[1] not in RINGS]
    if stray:
        print(f"No ring runs {', '.join(stray)}: move them, or add their folder to .ci/rings.py.")
    return not stray


def run(command: list[str], *, cwd: str = ".", quiet: bool = False, environment: dict[str, str] | None = None) -> bool:
    """Print and run a command; return True if it succeeded. With `quiet`, show its output only if it failed."""
    shown = [Path(command[0]).name, *command[1:]]
    print("$", *shown, flush=True)
    done = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | (environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if quiet and done.returncode:
        print(done.stdout)
    return done.returncode == 0


RINGS: dict[str, Callable[[], tuple[bool, Tally]]] = {
    "lint": lint,
    "pure": folder("tests/pure"),
    "ipython": folder("tests/ipython"),
    "kernel": folder("tests/kernel"),
    "hostile": hostile,
    "model": folder("tests/model", models=True),
    "browser": browser,
    "notebooks": notebooks,
    "packaging": folder("tests/packaging"),
    "fuzz": fuzz,
    "finetune": folder("tests/finetune"),
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
