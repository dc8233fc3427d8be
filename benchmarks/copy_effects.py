# ruff: noqa: E501 - cells as they would be written
"""Effects that code can have beyond its variables, each tried in a copy of the kernel and then for real.

    python -m benchmarks.copy_effects [--only TEXT] [--landlock 1]

A class passes if nothing of it is kept after the trial, the kernel is as it was before, no process and no thread is
left, and the control shows that the same cell does have the effect outside the copy. It all runs as a user without
rights, in folders of its own. Exits 1 if a class fails.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 2.0  #: seconds for a control's effect to show
LINGER = 0.8  #: seconds after which effects that come late would show


@dataclass(frozen=True)
class Case:
    """One class of effects.

    `look` is an expression that is true once the effect is there. The control runs in the kernel itself (`here`), or
    in a plain fork of it where it would end or replace the process.
    """

    name: str
    cell: str
    look: str
    setup: str = ""
    control: Literal["here", "fork"] = "here"
    late: bool = False
    wants: str = "*"  #: what the trial must say that it wants; empty if the cell just runs in the copy


@dataclass(frozen=True)
class Outcome:
    """What came of a case."""

    name: str
    outcome: str
    said: str
    kept: bool
    control: bool
    unharmed: str  #: what differs in the kernel after the trial
    seconds: float
    as_expected: bool

    @property
    def ok(self) -> bool:
        """True if the class passes."""
        return not self.kept and self.control and not self.unharmed and self.as_expected


# What the cells find in their namespace: `work` (a folder), `kernel` and `victim` (process ids), `libc`, `call`.
PRELUDE = """
import ctypes, ctypes.util, errno, fcntl, io, mmap, os, shutil, signal, socket, sqlite3, stat, struct, subprocess
import sys, threading, time
from pathlib import Path
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(number, *arguments):
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result = libc.syscall(ctypes.c_long(number), *words)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
kernel = os.getpid()
def at(name):
    return os.path.join(work, name)
def made(name, text="old text"):
    Path(at(name)).write_text(text)
    return at(name)
def reads(name):
    return Path(at(name)).read_text()
def there(name):
    return os.path.lexists(at(name))
def ready(*files):
    import select
    return bool(select.select(files, [], [], 0.3)[0])
def field(pid, name):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split(None, 1)[1] for line in lines if line.startswith(name + ":"))
"""

NEW, OLD = "there('f')", "reads('f') != 'old text'"
MAKE = "made('f')"

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
    Case("open a new file to write", "open(at('f'), 'w').write('x')", NEW),
    Case("Path.write_text", "Path(at('f')).write_text('x')", NEW),
    Case("append to a file", "open(at('f'), 'a').write('x')", OLD, MAKE),
    Case("write in place, r+", "open(at('f'), 'r+').write('x')", OLD, MAKE),
    Case("os.open with O_TRUNC", "os.close(os.open(at('f'), os.O_WRONLY | os.O_TRUNC))", OLD, MAKE),
    Case("os.open to read with O_TRUNC", "os.close(os.open(at('f'), os.O_RDONLY | os.O_TRUNC))", OLD, MAKE),
    Case("os.truncate", "os.truncate(at('f'), 2)", OLD, MAKE),
    Case("remove a file", "os.remove(at('f'))", "not there('f')", MAKE),
    Case("rename a file", "os.rename(at('f'), at('g'))", "there('g')", MAKE),
    Case("replace a file", "os.replace(at('g'), at('f'))", OLD, "made('f'); made('g', 'new')"),
    Case("hard link", "os.link(at('f'), at('g'))", "there('g')", MAKE),
    Case("symbolic link", "os.symlink(at('f'), at('g'))", "there('g')", MAKE),
    Case(
        "write through a symbolic link", "open(at('g'), 'w').write('x')", OLD, MAKE + "; os.symlink(at('f'), at('g'))"
    ),
    Case("make a folder", "os.makedirs(at('a/b'))", "there('a')"),
    Case("remove a folder", "os.rmdir(at('a'))", "not there('a')", "os.mkdir(at('a'))"),
    Case("remove a tree", "shutil.rmtree(at('a'))", "not there('a/f')", "os.mkdir(at('a')); made('a/f')"),
    Case("copy a file", "shutil.copy(at('f'), at('g'))", "there('g')", MAKE),
    Case("make a named pipe", "os.mkfifo(at('p'))", "there('p')"),
    Case("mknod", "os.mknod(at('f'))", NEW),
    Case("change a mode", "os.chmod(at('f'), 0o600)", "os.stat(at('f')).st_mode & 0o777 == 0o600", MAKE),
    Case(
        "change a mode by a descriptor",
        "os.fchmod(os.open(at('f'), os.O_RDONLY), 0o600)",
        "os.stat(at('f')).st_mode & 0o777 == 0o600",
        MAKE,
    ),
    Case("change times", "os.utime(at('f'), (1, 1))", "os.stat(at('f')).st_mtime == 1", MAKE),
    Case("set an attribute", "os.setxattr(at('f'), 'user.x', b'1')", "os.listxattr(at('f'))", MAKE),
    Case(
        "a file without a name, linked afterwards",
        "n = os.open(work, os.O_TMPFILE | os.O_RDWR)\nlibc.linkat(-100, f'/proc/self/fd/{n}'.encode(), -100, at('f').encode(), 0x400)",
        NEW,
    ),
    Case("native open and write", "n = libc.open(at('f').encode(), 0o101, 0o600); libc.write(n, b'x', 1)", NEW),
    Case("openat as a bare system call", "call(257, -100, at('f').encode(), 0o101, 0o600)", NEW),
    Case(
        "openat2 as a bare system call",
        "call(437, -100, at('f').encode(), ctypes.create_string_buffer(struct.pack('QQQ', 0o101, 0o600, 0)), 24)",
        NEW,
        wants="",
    ),
    Case("relative path after chdir", "os.chdir(work); open('f', 'w').write('x')", NEW),
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
    Case("np.memmap", "np.memmap(at('f'), 'u1', 'w+', shape=8)[:] = 1", NEW, "import numpy as np"),
    Case("swap a path while it is judged", SWAP, NEW),
    Case("a write that the code catches", "try:\n    open(at('f'), 'w')\nexcept OSError:\n    pass", NEW),
]

OPEN = [
    Case(
        "a row by an open SQLite connection",
        "con.execute('insert into t values (1)'); con.commit()",
        "sqlite3.connect(at('d')).execute('select count(*) from t').fetchone()[0]",
        "con = sqlite3.connect(at('d')); con.execute('create table t(a)'); con.commit()",
    ),
    Case("write to an open file", "file.write('x'); file.flush()", OLD, MAKE + "; file = open(at('f'), 'a')"),
    Case("os.write on an open descriptor", "os.write(n, b'x')", OLD, MAKE + "; n = os.open(at('f'), os.O_RDWR)"),
    Case("ftruncate of an open file", "os.ftruncate(n, 1)", OLD, MAKE + "; n = os.open(at('f'), os.O_RDWR)"),
    Case(
        "read from an open file (its place moves)",
        "file.read(3)",
        "file.tell()",
        MAKE + "; file = open(at('f'), 'rb', 0)",
        wants="",
    ),
    Case(
        "a log that writes a file",
        "log.warning('x')",
        OLD,
        MAKE + "; import logging; log = logging.getLogger('x'); log.addHandler(logging.FileHandler(at('f')))",
    ),
    Case(
        "lock an open file",
        "fcntl.flock(n, fcntl.LOCK_EX); time.sleep(0.6)",
        "tried",
        late=True,
        setup=(
            MAKE + "; n = os.open(at('f'), os.O_RDONLY); tried = []\n"
            "m = os.open(at('f'), os.O_RDONLY)\ndef probe():\n    for _ in range(24):\n        time.sleep(0.05)\n"
            "        try:\n            fcntl.flock(m, fcntl.LOCK_EX | fcntl.LOCK_NB); fcntl.flock(m, fcntl.LOCK_UN)\n"
            "        except OSError:\n            tried.append(1)\nthreading.Thread(target=probe).start()"
        ),
    ),
    Case("send on an open connection", "a.send(b'x')", "ready(b)", "a, b = socket.socketpair()"),
    Case("take from an open connection", "a.recv(1)", "not ready(a)", "a, b = socket.socketpair(); b.send(b'x')"),
    Case("write to an open pipe", "os.write(w, b'x')", "ready(r)", "r, w = os.pipe()"),
    Case("take from an open pipe", "os.read(r, 1)", "not ready(r)", "r, w = os.pipe(); os.write(w, b'x')"),
    Case("raise an open eventfd", "os.eventfd_write(n, 1)", "ready(n)", "n = os.eventfd(0)"),
    Case(
        "take from a named pipe",
        "os.read(os.open(at('p'), os.O_RDONLY | os.O_NONBLOCK), 1)",
        "not ready(n)",
        ("os.mkfifo(at('p')); n = os.open(at('p'), os.O_RDWR); os.write(n, b'x')"),
    ),
    Case(
        "write to a named pipe",
        "os.write(os.open(at('p'), os.O_WRONLY), b'x')",
        "ready(n)",
        ("os.mkfifo(at('p')); n = os.open(at('p'), os.O_RDONLY | os.O_NONBLOCK)"),
    ),
    Case(
        "print to the kernel's standard output",
        "os.write(1, b'x' * 999)",
        "os.fstat(1).st_size >= size + 999",
        ("size = os.fstat(1).st_size"),
        wants="",
    ),
]

MEMORY = [
    Case(
        "write to a shared mapping of a file",
        "m[0] = 120",
        OLD,
        (MAKE + "; file = open(at('f'), 'r+b'); m = mmap.mmap(file.fileno(), 8)"),
        wants="",
    ),
    Case(
        "make a shared mapping writable",
        "libc.mprotect(ctypes.c_void_p(place), 4096, 3); ctypes.memset(place, 120, 1)",
        OLD,
        (
            MAKE + "; n = os.open(at('f'), os.O_RDWR); libc.mmap.restype = ctypes.c_void_p\n"
            "place = libc.mmap(None, ctypes.c_size_t(4096), 1, 1, n, ctypes.c_long(0))"
        ),
        wants="",
    ),
    Case(
        "write to a np.memmap",
        "m[:] = 1",
        OLD,
        MAKE + "; import numpy as np; m = np.memmap(at('f'), 'u1', 'r+')",
        wants="",
    ),
    Case("write to anonymous shared memory", "m[0] = 1", "m[0]", "m = mmap.mmap(-1, 4096)", wants=""),
    Case(
        "multiprocessing.Value",
        "v.value = 1",
        "v.value",
        "import multiprocessing; v = multiprocessing.Value('i', 0)",
        wants="",
    ),
    Case(
        "write to open shared memory",
        "s.buf[0] = 1",
        "s.buf[0]",
        ("from multiprocessing.shared_memory import SharedMemory; s = SharedMemory(create=True, size=64)"),
        wants="",
    ),
    Case(
        "make shared memory",
        "SharedMemory('c' + name, create=True, size=64)",
        "os.path.exists(f'/dev/shm/c{name}')",
        ("from multiprocessing.shared_memory import SharedMemory; name = f'x{kernel}'"),
    ),
    Case(
        "attach shared memory by its name",
        "other = SharedMemory(s.name); other.buf[0] = 1",
        "s.buf[0]",
        ("from multiprocessing.shared_memory import SharedMemory; s = SharedMemory(create=True, size=64)"),
    ),
    Case(
        "write to System V memory",
        "ctypes.memset(place, 1, 1)",
        "ctypes.string_at(place, 1) == b'\\1'",
        (
            "libc.shmat.restype = ctypes.c_void_p; number = libc.shmget(0, 4096, 0o1600)\n"
            "place = libc.shmat(number, None, 0); libc.shmctl(number, 0, None)"
        ),
        wants="",
    ),
    Case(
        "attach System V memory",
        "ctypes.memset(libc.shmat(number, None, 0), 1, 1)",
        "ctypes.string_at(place, 1) == b'\\1'",
        (
            "libc.shmat.restype = ctypes.c_void_p; number = libc.shmget(0, 4096, 0o1600)\nplace = libc.shmat(number, None, 0)"
        ),
    ),
    Case(
        "System V message",
        "libc.msgsnd(number, b'\\1' + bytes(15), 8, 0)",
        ("libc.msgrcv(number, ctypes.create_string_buffer(16), 8, 0, 0o4000) == 8"),
        "number = libc.msgget(0, 0o1600)",
    ),
    Case(
        "System V semaphore",
        "libc.semctl(number, 0, 16, 5)",
        "libc.semctl(number, 0, 12) == 5",
        "number = libc.semget(0, 1, 0o1600)",
    ),
    Case(
        "POSIX message queue",
        "libc.mq_open(f'/q{kernel}'.encode(), 0o102, 0o600, None)",
        ("libc.mq_unlink(f'/q{kernel}'.encode()) == 0"),
    ),
    Case(
        "POSIX semaphore",
        "libc.sem_open(f'/s{kernel}'.encode(), 0o100, 0o600, 1)",
        "os.path.exists(f'/dev/shm/sem.s{kernel}')",
    ),
    Case(
        "key in the kernel's keyring",
        "call(248, b'user', f'k{kernel}'.encode(), b'x', 1, -4)",
        ("libc.syscall(250, 10, -4, b'user', f'k{kernel}'.encode(), 0) > 0"),
        "call(250, 8, -4, -4) if False else None",
    ),
    Case(
        "process_vm_writev into the kernel",
        (
            "v = lambda p: ctypes.create_string_buffer(struct.pack('PN', p, 1))\n"
            "x = ctypes.create_string_buffer(b'x')\ncall(311, kernel, v(ctypes.addressof(x)), 1, v(ctypes.addressof(b)), 1, 0)"
        ),
        "b.value == b'x'",
        "b = ctypes.create_string_buffer(b'o')",
    ),
    Case(
        "write to /proc/…/mem of the kernel",
        ("f = open(f'/proc/{kernel}/mem', 'r+b', 0); f.seek(ctypes.addressof(b)); f.write(b'x')"),
        "b.value == b'x'",
        "b = ctypes.create_string_buffer(b'o')",
    ),
]

LISTEN = "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); port = s.getsockname()[1]"
DATAGRAM = "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('127.0.0.1', 0)); port = s.getsockname()[1]"
UDP = "u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
UNIX = "s = socket.socket(socket.AF_UNIX); s.bind({}); s.listen()"

NETWORK = [
    Case("connect by TCP", "socket.create_connection(('127.0.0.1', port))", "ready(s)", LISTEN),
    Case(
        "connect by TCP without waiting",
        (
            "c = socket.socket(); c.setblocking(False)\ntry:\n    c.connect(('127.0.0.1', port))\nexcept OSError:\n    pass"
        ),
        "ready(s)",
        LISTEN,
    ),
    Case(
        "a request of urllib",
        (
            "import urllib.request\ntry:\n    urllib.request.urlopen(f'http://127.0.0.1:{port}/', timeout=0.3)\n"
            "except OSError:\n    pass"
        ),
        "ready(s)",
        LISTEN,
    ),
    Case(
        "connect in a thread",
        ("t = threading.Thread(target=lambda: socket.create_connection(('127.0.0.1', port)))\nt.start(); t.join()"),
        "ready(s)",
        LISTEN,
    ),
    Case(
        "TCP fast open",
        (
            "c = socket.socket()\ntry:\n    c.sendto(b'x', 0x20000000, ('127.0.0.1', port))\nexcept OSError:\n    c.close()"
        ),
        "ready(s)",
        LISTEN,
    ),
    Case("send a datagram", UDP + "u.sendto(b'x', ('127.0.0.1', port))", "ready(s)", DATAGRAM),
    Case("sendmsg of a datagram", UDP + "u.sendmsg([b'x'], [], 0, ('127.0.0.1', port))", "ready(s)", DATAGRAM),
    Case("connect and send a datagram", UDP + "u.connect(('127.0.0.1', port)); u.send(b'x')", "ready(s)", DATAGRAM),
    Case(
        "connect to a Unix socket",
        "c = socket.socket(socket.AF_UNIX); c.connect(at('s'))",
        "ready(s)",
        UNIX.format("at('s')"),
    ),
    Case(
        "connect to an abstract socket",
        "c = socket.socket(socket.AF_UNIX); c.connect(f'\\0x{kernel}')",
        "ready(s)",
        UNIX.format("f'\\0x{kernel}'"),
    ),
    Case(
        "a datagram to a Unix socket",
        ("c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); c.sendto(b'x', at('s'))"),
        "ready(s)",
        "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(at('s'))",
    ),
    Case(
        "a datagram by one of a pair",
        ("c, d = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); c.sendto(b'x', at('s'))"),
        "ready(s)",
        "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(at('s'))",
    ),
    Case("listen on a Unix socket", "c = socket.socket(socket.AF_UNIX); c.bind(at('s'))", "there('s')"),
    Case(
        "listen on a port",
        (
            "c = socket.socket(); c.setsockopt(1, 2, 1)\ntry:\n    c.bind(('127.0.0.1', port)); c.listen(); time.sleep(0.6)\n"
            "except OSError:\n    pass\nc.close()"
        ),
        "reached",
        (
            LISTEN
            + "; s.close(); reached = []\ndef probe():\n    for _ in range(24):\n        time.sleep(0.05)\n        try:\n"
            "            socket.create_connection(('127.0.0.1', port)).close(); reached.append(1)\n"
            "        except OSError:\n            pass\nthreading.Thread(target=probe).start()"
        ),
        late=True,
    ),
]

HANDLER = "got = []; signal.signal(signal.SIGUSR1, lambda *_: got.append(1))"
GOT = "time.sleep(0.02) or got"
STARTED = "Path(at('f')).exists()"

PROCESSES = [
    Case("signal to the kernel", "os.kill(kernel, signal.SIGUSR1)", GOT, HANDLER),
    Case("signal to another process", "os.kill(victim.pid, signal.SIGSTOP)", "field(victim.pid, 'State')[0] == 'T'"),
    Case(
        "signal to a group", "os.killpg(os.getpgid(victim.pid), signal.SIGSTOP)", "field(victim.pid, 'State')[0] == 'T'"
    ),
    Case(
        "signal by a process descriptor",
        "signal.pidfd_send_signal(os.pidfd_open(kernel), signal.SIGUSR1)",
        GOT,
        HANDLER,
    ),
    Case("sigqueue", "libc.sigqueue(kernel, int(signal.SIGUSR1), None)", GOT, HANDLER),
    Case("tgkill", "call(234, kernel, kernel, int(signal.SIGUSR1))", GOT, HANDLER),
    Case(
        "signal by the owner of a pipe",
        ("fcntl.fcntl(r, fcntl.F_SETOWN, kernel)\nfcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC)\nos.write(w, b'x')"),
        GOT,
        "got = []; signal.signal(signal.SIGIO, lambda *_: got.append(1)); r, w = os.pipe()",
    ),
    Case(
        "signal by the owner of an own pipe",
        (
            "r, w = os.pipe()\nfcntl.fcntl(r, fcntl.F_SETOWN, kernel)\nfcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC)\nos.write(w, b'x')"
        ),
        GOT,
        "got = []; signal.signal(signal.SIGIO, lambda *_: got.append(1))",
    ),
    Case("end the process", "os._exit(7)", "ended", "ended = 0", "fork"),
    Case("crash the process", "ctypes.string_at(0)", "ended", "ended = 0", "fork", wants=""),
    Case(
        "attach to another process",
        (
            "number = libc.ptrace(16, victim.pid, None, None)\nif number == 0:\n    os.waitpid(victim.pid, 0)\n    libc.ptrace(17, victim.pid, None, 19)"
        ),
        "field(victim.pid, 'State')[0] in 'Tt'",
    ),
    Case(
        "limits of another process",
        "import resource; resource.prlimit(victim.pid, resource.RLIMIT_NOFILE, (99, 99))",
        ("__import__('resource').prlimit(victim.pid, __import__('resource').RLIMIT_NOFILE)[0] == 99"),
    ),
    Case(
        "priority of another process",
        "os.setpriority(os.PRIO_PROCESS, victim.pid, 18)",
        "os.getpriority(os.PRIO_PROCESS, victim.pid) == 18",
    ),
    Case(
        "processors of another process",
        "os.sched_setaffinity(victim.pid, {0})",
        "os.sched_getaffinity(victim.pid) == {0}",
    ),
    Case(
        "scheduling of another process",
        "os.sched_setscheduler(victim.pid, os.SCHED_BATCH, os.sched_param(0))",
        ("os.sched_getscheduler(victim.pid) == os.SCHED_BATCH"),
    ),
    Case(
        "disk priority of another process", "call(251, 1, victim.pid, 3 << 13)", "call(252, 1, victim.pid) == 3 << 13"
    ),
    Case(
        "/proc of another process",
        "Path(f'/proc/{victim.pid}/oom_score_adj').write_text('777')",
        ("Path(f'/proc/{victim.pid}/oom_score_adj').read_text().strip() == '777'"),
    ),
    Case("start a program", "subprocess.run(['touch', at('f')])", STARTED),
    Case("os.system", "os.system('touch ' + at('f'))", STARTED),
    Case("os.posix_spawn", "os.posix_spawnp('touch', ['touch', at('f')], os.environ)", STARTED),
    Case("system() of C", "libc.system(b'touch ' + at('f').encode())", STARTED),
    Case("a line of the shell", "get_ipython().system('touch ' + at('f'))", STARTED),
    Case("replace the process", "os.execvp('touch', ['touch', at('f')])", STARTED, control="fork"),
    Case("fork", "if os.fork() == 0:\n    open(at('f'), 'w').close()\n    os._exit(0)", STARTED, late=True),
    Case(
        "a daemon by two forks",
        (
            "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(0.2)\n        open(at('f'), 'w').close()\n    os._exit(0)"
        ),
        STARTED,
        late=True,
    ),
    Case(
        "multiprocessing",
        (
            "import multiprocessing\np = multiprocessing.get_context('fork').Process(target=open, args=(at('f'), 'w'))\np.start(); p.join()"
        ),
        STARTED,
    ),
    Case(
        "clone as a bare system call",
        "if call(56, 17, 0, 0, 0, 0) == 0:\n    open(at('f'), 'w').close()\n    os._exit(0)",
        STARTED,
        late=True,
    ),
    Case(
        "a thread that outlives the cell",
        ("def go():\n    time.sleep(0.3)\n    open(at('f'), 'w').close()\nthreading.Thread(target=go).start()"),
        STARTED,
        late=True,
        wants="",
    ),
    Case(
        "a function at exit",
        "import atexit; atexit.register(lambda: open(at('f'), 'w').close())",
        STARTED,
        ("import atexit"),
        "fork",
        late=True,
        wants="",
    ),
]

STATE = [
    Case("bind a variable", "novel = 1", "'novel' in globals()", "globals().pop('novel', None)", wants=""),
    Case("delete a variable", "del thing", "'thing' not in globals()", "thing = [1]", wants=""),
    Case("change an object in place", "thing.append(2)", "len(thing) == 2", "thing = [1]", wants=""),
    Case(
        "change an array in place", "array += 1", "array[0] == 1", "import numpy as np; array = np.zeros(3)", wants=""
    ),
    Case(
        "change the environment",
        "os.environ['X_TRIAL'] = '1'",
        "'X_TRIAL' in os.environ",
        "os.environ.pop('X_TRIAL', 0)",
        wants="",
    ),
    Case("change the working directory", "os.chdir('/')", "os.getcwd() == '/'", "os.chdir(work)", wants=""),
    Case("change the mask of modes", "os.umask(0o777)", "field(kernel, 'Umask') == '0777'", "os.umask(0o22)", wants=""),
    Case(
        "change a signal's handler",
        "signal.signal(signal.SIGUSR2, signal.SIG_IGN)",
        ("signal.getsignal(signal.SIGUSR2) == signal.SIG_IGN"),
        "signal.signal(signal.SIGUSR2, signal.SIG_DFL)",
        wants="",
    ),
    Case(
        "set an alarm",
        "signal.setitimer(signal.ITIMER_REAL, 0.2)",
        "time.sleep(0.3) or got",
        ("got = []; signal.signal(signal.SIGALRM, lambda *_: got.append(1))"),
        wants="",
    ),
    Case("change a module", "os.marked = 1", "hasattr(os, 'marked')", "vars(os).pop('marked', 0)", wants=""),
    Case(
        "import a module",
        "import this_module",
        "'this_module' in sys.modules",
        ("made('this_module.py', 'x = 1'); sys.path.insert(0, work); sys.modules.pop('this_module', 0)"),
        wants="",
    ),
    Case(
        "change IPython's hooks",
        "get_ipython().events.register('pre_run_cell', print)",
        ("print in get_ipython().events.callbacks['pre_run_cell']"),
        wants="",
    ),
    Case(
        "lower its own limits",
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (200, 4096))",
        ("__import__('resource').getrlimit(__import__('resource').RLIMIT_NOFILE)[0] == 200"),
        "limits = __import__('resource').getrlimit(__import__('resource').RLIMIT_NOFILE)",
    ),
]

CASES = [*FILES, *OPEN, *MEMORY, *NETWORK, *PROCESSES, *STATE]


# --- inside: as a user without rights, in an empty folder ---------------------------------------------------------


class Inside:
    """The kernel of the cases."""

    def __init__(self, work: Path) -> None:
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        from codeact_jupyter.kernel.gate import Gate
        from codeact_jupyter.kernel.preview import Preview
        from codeact_jupyter.kernel.workspace import Workspace

        config = Config()
        config.HistoryManager.enabled = False
        self.shell = InteractiveShell.instance(config=config)
        self.workspace = Workspace(self.shell, Gate(self.shell))
        self.preview = Preview(self.workspace, seconds=5)
        self.work = work
        self.run(PRELUDE)
        self.try_cell("pass")

    def run(self, source: str) -> None:
        """Run code that must not fail."""
        result = self.shell.run_cell(source, silent=True)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            raise RuntimeError(f"{source!r} failed") from error

    def look(self, case: Case) -> bool:
        """Return True if the effect is there."""
        return bool(eval(case.look, self.shell.user_ns))

    def try_cell(self, source: str) -> Any:
        """Return the trial of a cell."""
        return self.preview.try_cell(source)

    def state(self) -> dict[str, Any]:
        """What must be the same after a trial."""
        links = {}
        for number in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):
                links[number.name] = str(number.readlink())
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        return {
            "descriptors": {name: link for name, link in links.items() if not link.startswith("/proc/")},
            "children": sorted(children()),
            "threads": threading.active_count(),
            "names": sorted(self.shell.user_ns),
            "folder": str(Path.cwd()),
            "environment": dict(os.environ),
            "status": {key: status[key].strip() for key in ("Umask", "SigBlk", "SigIgn", "SigCgt", "Seccomp")},
            "streams": (id(sys.stdout), id(sys.stdout.write), id(sys.stdin), id(sys.displayhook)),
            "hooks": {event: len(hooks) for event, hooks in self.shell.events.callbacks.items()},
            "transformers": len(self.shell.ast_transformers),
            "temporary": sorted(map(str, Path(os.environ["TMPDIR"]).glob("codeact-*"))),
            "garbage": gc.isenabled(),
        }

    def case(self, number: int, case: Case) -> Outcome:
        """Try the case in a copy and then for real."""
        folder = self.work / f"{number}"
        folder.mkdir()
        os.chdir(self.work)
        os.umask(0o22)
        with victim() as process:
            self.shell.user_ns.update(work=str(folder), victim=process)
            self.run(case.setup or "pass")
            if self.look(case):
                raise RuntimeError(f"{case.name}: it shows before it was tried")
            before = self.state()
            trial = self.try_cell(case.cell)
            time.sleep(LINGER if case.late else 0.01)
            after = self.state()
            kept = self.look(case)
            changed = [key for key in before if before[key] != after[key] and key != "threads"]
            changed += ["threads"] if after["threads"] > before["threads"] else []
            said = ", ".join(effect.text for effect in trial.wants) or trial.reason or trial.error
            self.run(case.setup if case.late else "pass")  # a probe that runs beside it
            self.control(case)
            shown = self.shows(case)
        wanted = trial.outcome == "wants_more"
        return Outcome(
            case.name, trial.outcome, said, kept, shown, ", ".join(changed), trial.seconds, wanted == bool(case.wants)
        )

    def control(self, case: Case) -> None:
        """The same cell outside the copy. It may fail: what counts is its effect."""
        if case.control == "here":
            with contextlib.redirect_stdout(io.StringIO()):
                self.shell.run_cell(case.cell, silent=True)
            return
        process = os.fork()
        if process == 0:
            self.shell.run_cell(case.cell, silent=True)
            import atexit

            atexit._run_exitfuncs()
            os._exit(0)
        _, status = os.waitpid(process, 0)
        self.shell.user_ns["ended"] = status != 0

    def shows(self, case: Case) -> bool:
        """Return True if the control's effect comes up."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.look(case):
                return True
            time.sleep(0.02)
        return False


@contextlib.contextmanager
def victim() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


def children() -> list[int]:
    found = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended meanwhile
            found += [int(word) for word in (task / "children").read_text().split()]
    return found


def run_inside(work: Path, only: str, version: int) -> None:
    """Run the cases and print an outcome a line, as JSON."""
    from codeact_jupyter.kernel.copy import landlock

    known = min(version, landlock.version())
    landlock.version = lambda: known
    inside = Inside(work)
    out = os.fdopen(os.dup(1), "w")
    quiet = os.open(work / "output", os.O_RDWR | os.O_CREAT)  # where the kernel's own output goes
    os.dup2(quiet, 1)
    for number, case in enumerate(CASES):
        if only.lower() in case.name.lower():
            print(json.dumps(asdict(inside.case(number, case))), file=out, flush=True)


# --- outside ------------------------------------------------------------------------------------------------------


def outcomes(only: str = "", landlock: int = 99) -> Iterator[Outcome]:
    """Run the cases in isolation, and yield an outcome for each, in order.

    Args:
        only: part of the names of those to run.
        landlock: the newest version of Landlock to use.
    """
    from tests.kernel.isolation import isolated

    with isolated() as place:
        command = [*place.prefix, sys.executable, "-m", "benchmarks.copy_effects", "--inside", str(place.work)]
        environment = {**place.environment, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
        with subprocess.Popen(
            [*command, "--only", only, "--landlock", str(landlock)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=place.work,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                yield Outcome(**json.loads(line))
        if process.returncode:
            raise RuntimeError(f"The cases ended early, with status {process.returncode}.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="part of the names of the classes to run")
    parser.add_argument("--landlock", type=int, default=99, help="the newest version of Landlock to use")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        run_inside(options.inside, options.only, options.landlock)
        return 0
    done = []
    print(f"{'class':<44} {'kept':<5} {'control':<8} {'kernel':<10} outcome")
    for each in outcomes(options.only, options.landlock):
        done.append(each)
        mark = "" if each.ok else "  <-- FAILED"
        shown, harm = "shows" if each.control else "NO", each.unharmed or "unharmed"
        print(
            f"{each.name:<44} {'YES' if each.kept else 'no':<5} {shown:<8} {harm:<10} {each.outcome}: {each.said}{mark}"
        )
    kept, bad = sum(each.kept for each in done), [each.name for each in done if not each.ok]
    print(
        f"\n{len(done)} classes, {kept} kept, {sum(not each.control for each in done)} without a control that shows it,"
    )
    print(
        f"{sum(bool(each.unharmed) for each in done)} with a change in the kernel. Failed: {', '.join(bad) or 'none'}"
    )
    return 1 if bad or not done else 0


if __name__ == "__main__":
    sys.exit(main())
