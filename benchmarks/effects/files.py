# ruff: noqa: E501 - cells as they would be written
"""Effects on files and folders."""

from __future__ import annotations

from .case import CHANGED, CREATED, MAKE_FILE, Case

SWAP = """
import tempfile
inside, outside = os.path.join(tempfile.gettempdir(), "f").encode(), at("f").encode()
path, end = ctypes.create_string_buffer(4096), []
def swap():
    while not end:
        path.value = inside
        path.value = outside
thread = threading.Thread(target=swap)
thread.start()
for _ in range(500):
    number = libc.open(path, 0o101, 0o600)
    if number >= 0:
        os.close(number)
end.append(1)
thread.join()
"""

FILES = [
    Case("open a new file to write", "open(at('f'), 'w').write('x')", CREATED),
    Case("Path.write_text", "Path(at('f')).write_text('x')", CREATED),
    Case("append to a file", "open(at('f'), 'a').write('x')", CHANGED, MAKE_FILE),
    Case("write in place, r+", "open(at('f'), 'r+').write('x')", CHANGED, MAKE_FILE),
    Case("os.open with O_TRUNC", "os.close(os.open(at('f'), os.O_WRONLY | os.O_TRUNC))", CHANGED, MAKE_FILE),
    Case("os.open to read with O_TRUNC", "os.close(os.open(at('f'), os.O_RDONLY | os.O_TRUNC))", CHANGED, MAKE_FILE),
    Case("os.truncate", "os.truncate(at('f'), 2)", CHANGED, MAKE_FILE),
    Case("remove a file", "os.remove(at('f'))", "not there('f')", MAKE_FILE),
    Case("rename a file", "os.rename(at('f'), at('g'))", "there('g')", MAKE_FILE),
    Case("replace a file", "os.replace(at('g'), at('f'))", CHANGED, "made('f'); made('g', 'new')"),
    Case("hard link", "os.link(at('f'), at('g'))", "there('g')", MAKE_FILE),
    Case("symbolic link", "os.symlink(at('f'), at('g'))", "there('g')", MAKE_FILE),
    Case(
        "write through a symbolic link",
        "open(at('g'), 'w').write('x')",
        CHANGED,
        MAKE_FILE + "; os.symlink(at('f'), at('g'))",
    ),
    Case("make a folder", "os.makedirs(at('a/b'))", "there('a')"),
    Case("remove a folder", "os.rmdir(at('a'))", "not there('a')", "os.mkdir(at('a'))"),
    Case("remove a tree", "shutil.rmtree(at('a'))", "not there('a/f')", "os.mkdir(at('a')); made('a/f')"),
    Case("copy a file", "shutil.copy(at('f'), at('g'))", "there('g')", MAKE_FILE),
    Case("make a named pipe", "os.mkfifo(at('p'))", "there('p')"),
    Case("mknod", "os.mknod(at('f'))", CREATED),
    Case("change a mode", "os.chmod(at('f'), 0o600)", "os.stat(at('f')).st_mode & 0o777 == 0o600", MAKE_FILE),
    Case(
        "change a mode by a descriptor",
        "os.fchmod(os.open(at('f'), os.O_RDONLY), 0o600)",
        "os.stat(at('f')).st_mode & 0o777 == 0o600",
        MAKE_FILE,
    ),
    Case("change times", "os.utime(at('f'), (1, 1))", "os.stat(at('f')).st_mtime == 1", MAKE_FILE),
    Case("set an attribute", "os.setxattr(at('f'), 'user.x', b'1')", "os.listxattr(at('f'))", MAKE_FILE),
    Case(
        "a file without a name, linked afterwards",
        "n = os.open(work, os.O_TMPFILE | os.O_RDWR)\nlibc.linkat(-100, f'/proc/self/fd/{n}'.encode(), -100, at('f').encode(), 0x400)",
        CREATED,
    ),
    Case("native open and write", "n = libc.open(at('f').encode(), 0o101, 0o600); libc.write(n, b'x', 1)", CREATED),
    Case("openat as a bare system call", "call(257, -100, at('f').encode(), 0o101, 0o600)", CREATED),
    Case(
        "openat2 as a bare system call",
        "call(437, -100, at('f').encode(), ctypes.create_string_buffer(struct.pack('QQQ', 0o101, 0o600, 0)), 24)",
        CREATED,
        is_refused=False,
    ),
    Case("relative path after chdir", "os.chdir(work); open('f', 'w').write('x')", CREATED),
    Case("relative to a folder's descriptor", "os.mkdir('a', dir_fd=os.open(work, os.O_RDONLY))", "there('a')"),
    Case(
        "a new SQLite database",
        "con = sqlite3.connect(at('d')); con.execute('create table t(a)'); con.commit()",
        "there('d')",
    ),
    Case(
        "a row in a SQLite database",
        "con = sqlite3.connect(at('d')); con.execute('insert into t values (1)'); con.commit()",
        "sqlite3.connect(at('d')).execute('select count(*) from t').fetchone()[0]",
        "sqlite3.connect(at('d')).execute('create table t(a)')",
    ),
    Case("np.memmap", "np.memmap(at('f'), 'u1', 'w+', shape=8)[:] = 1", CREATED, "import numpy as np"),
    Case("swap a path while it is judged", SWAP, CREATED),
    Case("a write that the code catches", "try:\n    open(at('f'), 'w')\nexcept OSError:\n    pass", CREATED),
]
