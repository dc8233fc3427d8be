"""Effects through files, connections and pipes that the kernel has open."""

from __future__ import annotations

from .case import CHANGED, MAKE_FILE, Case

OPEN = [
    Case(
        "a row by an open SQLite connection",
        "con.execute('insert into t values (1)'); con.commit()",
        "sqlite3.connect(at('d')).execute('select count(*) from t').fetchone()[0]",
        "con = sqlite3.connect(at('d')); con.execute('create table t(a)'); con.commit()",
    ),
    Case("write to an open file", "file.write('x'); file.flush()", CHANGED, MAKE_FILE + "; file = open(at('f'), 'a')"),
    Case(
        "os.write on an open descriptor", "os.write(n, b'x')", CHANGED, MAKE_FILE + "; n = os.open(at('f'), os.O_RDWR)"
    ),
    Case("ftruncate of an open file", "os.ftruncate(n, 1)", CHANGED, MAKE_FILE + "; n = os.open(at('f'), os.O_RDWR)"),
    Case(
        "read from an open file (its place moves)",
        "file.read(3)",
        "file.tell()",
        MAKE_FILE + "; file = open(at('f'), 'rb', 0)",
        is_refused=False,
    ),
    Case(
        "a log that writes a file",
        "log.warning('x')",
        CHANGED,
        MAKE_FILE + "; import logging; log = logging.getLogger('x'); log.addHandler(logging.FileHandler(at('f')))",
    ),
    Case(
        "lock an open file",
        "fcntl.flock(n, fcntl.LOCK_EX); time.sleep(0.6)",
        "tried",
        is_delayed=True,
        setup=(
            MAKE_FILE + "; n = os.open(at('f'), os.O_RDONLY); tried = []\n"
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
        is_refused=False,
    ),
]
