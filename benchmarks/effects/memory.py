# ruff: noqa: E501 - cells as they would be written
"""Effects on memory that is shared with other processes, and on the memory of the kernel."""

from __future__ import annotations

from .case import CHANGED, MAKE_FILE, Case

MEMORY = [
    Case(
        "write to a shared mapping of a file",
        "m[0] = 120",
        CHANGED,
        (MAKE_FILE + "; file = open(at('f'), 'r+b'); m = mmap.mmap(file.fileno(), 8)"),
        is_refused=False,
    ),
    Case(
        "make a shared mapping writable",
        "libc.mprotect(ctypes.c_void_p(place), 4096, 3); ctypes.memset(place, 120, 1)",
        CHANGED,
        (
            MAKE_FILE + "; n = os.open(at('f'), os.O_RDWR); libc.mmap.restype = ctypes.c_void_p\n"
            "place = libc.mmap(None, ctypes.c_size_t(4096), 1, 1, n, ctypes.c_long(0))"
        ),
        is_refused=False,
    ),
    Case(
        "write to a np.memmap",
        "m[:] = 1",
        CHANGED,
        MAKE_FILE + "; import numpy as np; m = np.memmap(at('f'), 'u1', 'r+')",
        is_refused=False,
    ),
    Case("write to anonymous shared memory", "m[0] = 1", "m[0]", "m = mmap.mmap(-1, 4096)", is_refused=False),
    Case(
        "multiprocessing.Value",
        "v.value = 1",
        "v.value",
        "import multiprocessing; v = multiprocessing.Value('i', 0)",
        is_refused=False,
    ),
    Case(
        "write to open shared memory",
        "s.buf[0] = 1",
        "s.buf[0]",
        ("from multiprocessing.shared_memory import SharedMemory; s = SharedMemory(create=True, size=64)"),
        is_refused=False,
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
        is_refused=False,
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
