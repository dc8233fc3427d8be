# ruff: noqa: E501 - cells as they would be written
"""Effects on other processes: signals, attributes, and processes and programs that are started."""

from __future__ import annotations

from .case import Case

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
    Case("crash the process", "ctypes.string_at(0)", "ended", "ended = 0", "fork", is_refused=False),
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
    Case("fork", "if os.fork() == 0:\n    open(at('f'), 'w').close()\n    os._exit(0)", STARTED, is_delayed=True),
    Case(
        "a daemon by two forks",
        (
            "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(0.2)\n        open(at('f'), 'w').close()\n    os._exit(0)"
        ),
        STARTED,
        is_delayed=True,
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
        is_delayed=True,
    ),
    Case(
        "a thread that outlives the cell",
        ("def go():\n    time.sleep(0.3)\n    open(at('f'), 'w').close()\nthreading.Thread(target=go).start()"),
        STARTED,
        is_delayed=True,
        is_refused=False,
    ),
    Case(
        "a function at exit",
        "import atexit; atexit.register(lambda: open(at('f'), 'w').close())",
        STARTED,
        ("import atexit"),
        "fork",
        is_delayed=True,
        is_refused=False,
    ),
]
