"""Effects on the state of the kernel's process: variables, modules, hooks and settings."""

from __future__ import annotations

from .case import Case

STATE = [
    Case("bind a variable", "novel = 1", "'novel' in globals()", "globals().pop('novel', None)", is_refused=False),
    Case("delete a variable", "del thing", "'thing' not in globals()", "thing = [1]", is_refused=False),
    Case("change an object in place", "thing.append(2)", "len(thing) == 2", "thing = [1]", is_refused=False),
    Case(
        "change an array in place",
        "array += 1",
        "array[0] == 1",
        "import numpy as np; array = np.zeros(3)",
        is_refused=False,
    ),
    Case(
        "change the environment",
        "os.environ['X_TRIAL'] = '1'",
        "'X_TRIAL' in os.environ",
        "os.environ.pop('X_TRIAL', 0)",
        is_refused=False,
    ),
    Case("change the working directory", "os.chdir('/')", "os.getcwd() == '/'", "os.chdir(work)", is_refused=False),
    Case(
        "change the mask of modes",
        "os.umask(0o777)",
        "field(kernel, 'Umask') == '0777'",
        "os.umask(0o22)",
        is_refused=False,
    ),
    Case(
        "change a signal's handler",
        "signal.signal(signal.SIGUSR2, signal.SIG_IGN)",
        ("signal.getsignal(signal.SIGUSR2) == signal.SIG_IGN"),
        "signal.signal(signal.SIGUSR2, signal.SIG_DFL)",
        is_refused=False,
    ),
    Case(
        "set an alarm",
        "signal.setitimer(signal.ITIMER_REAL, 0.2)",
        "time.sleep(0.3) or got",
        ("got = []; signal.signal(signal.SIGALRM, lambda *_: got.append(1))"),
        is_refused=False,
    ),
    Case("change a module", "os.marked = 1", "hasattr(os, 'marked')", "vars(os).pop('marked', 0)", is_refused=False),
    Case(
        "import a module",
        "import this_module",
        "'this_module' in sys.modules",
        ("made('this_module.py', 'x = 1'); sys.path.insert(0, work); sys.modules.pop('this_module', 0)"),
        is_refused=False,
    ),
    Case(
        "change IPython's hooks",
        "get_ipython().events.register('pre_run_cell', print)",
        ("print in get_ipython().events.callbacks['pre_run_cell']"),
        is_refused=False,
    ),
    Case(
        "lower its own limits",
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (200, 4096))",
        ("__import__('resource').getrlimit(__import__('resource').RLIMIT_NOFILE)[0] == 200"),
        "limits = __import__('resource').getrlimit(__import__('resource').RLIMIT_NOFILE)",
    ),
]
