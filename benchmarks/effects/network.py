# ruff: noqa: E501 - cells as they would be written
"""Effects on the network and on sockets."""

from __future__ import annotations

from .case import Case

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
        is_delayed=True,
    ),
]
