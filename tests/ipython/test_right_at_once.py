"""Kinds of right code that must be run as it is, on further inputs: subclasses of frames, added methods, addresses."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pandas as pd
import polars as pl
import pytest

from codeact_jupyter import SolveRun, solve
from codeact_jupyter.namespace.describe import describe
from codeact_jupyter.session.messages import ChatMessage
from codeact_jupyter.testing import ScriptedEngine

from .conftest import step


def insisting(task: str, namespace: dict[str, Any], code: str, answer: str) -> SolveRun:
    """Ask a model that proposes this code, whatever it is told, until it sees an output, and then answers."""

    def reply(messages: Sequence[ChatMessage]) -> str:
        said = [message.content for message in messages if message.role == "user" and not message.fixed]
        return answer if any("--- end ---" in text for text in said) else step(code)

    return solve(task, namespace, engine=ScriptedEngine(itertools.repeat(reply)), max_turns=4)


# --- subclasses of frames ----------------------------------------------------------------------------------------


class Survey(pd.DataFrame):
    """A frame with an attribute of its own, which its methods keep."""

    _metadata = ["wave"]  # noqa: RUF012

    @property
    def _constructor(self) -> type[Survey]:
        return Survey


class Panel(Survey):
    """A subclass of a subclass, with another way to look up columns."""

    def __getattr__(self, name: str) -> Any:
        return super().__getattr__(name.lower())


class Checked(pd.DataFrame):
    """A frame whose constructor demands a column."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "town" not in self.columns:
            raise ValueError("no town")


class Slotted(pd.DataFrame):
    """A frame whose methods return plain frames."""


class Named(pd.Series):
    """A column that tells its name."""

    @property
    def _constructor(self) -> type[Named]:
        return Named


class WithNamed(Survey):
    """A frame whose columns are of a subclass, too."""

    @property
    def _constructor_sliced(self) -> type[Named]:
        return Named


TOWNS = {"town": ["Ahlen", "Borken", "Coesfeld"], "people": [52, 43, 37]}


@pytest.mark.parametrize("kind", [Survey, Panel, Checked, Slotted, WithNamed])
def test_a_frame_of_a_subclass_is_listed_and_its_missing_column_is_mended(kind: type) -> None:
    towns = kind(TOWNS)
    listed = describe(towns)
    assert "3×2" in listed and "town" in listed and "people" in listed
    right = insisting("How many people?", {"towns": towns}, "print(towns['people'].sum())", "There are 132.")
    assert (right.answer, right.turns[0].error) == ("There are 132.", "")
    engine = ScriptedEngine([step("towns['population'].sum()"), step("print(towns['people'].sum())"), "There are 132."])
    run = solve("How many people?", {"towns": towns}, engine=engine)
    assert run.answer == "There are 132."
    assert [turn.error for turn in run.turns] == [""]


# --- methods that the code itself adds ---------------------------------------------------------------------------

ADDED = [
    (
        "@pd.api.extensions.register_series_accessor('tally')\nclass Tally:\n    def __init__(self, column):\n"
        "        self.column = column\n    def odd(self):\n        return int((self.column % 2).sum())\n"
        "print(df.x.tally.odd())",
        2,
    ),
    ("pd.DataFrame.doubled = lambda self: self * 2\nprint(int(df.doubled().x.sum()))", 12),
    ("setattr(pd.Series, 'spread', lambda self: int(self.max() - self.min()))\nprint(df.x.spread())", 2),
    (
        "import polars as pl\n@pl.api.register_dataframe_namespace('measure')\nclass Measure:\n"
        "    def __init__(self, frame):\n        self.frame = frame\n    def height(self):\n"
        "        return self.frame.height\nprint(pl.from_pandas(df).measure.height())",
        3,
    ),
    (
        "@pd.api.extensions.register_index_accessor('ends')\nclass Ends:\n    def __init__(self, index):\n"
        "        self.index = index\n    def last(self):\n        return int(self.index[-1])\n"
        "print(df.index.ends.last())",
        2,
    ),
]


@pytest.mark.parametrize(("code", "number"), ADDED)
def test_methods_that_a_cell_adds_to_frames_are_there(code: str, number: int) -> None:
    before = {cls: {*vars(cls)} for cls in (pd.DataFrame, pd.Series, pd.Index, pl.DataFrame)}
    df = pd.DataFrame({"x": [1, 2, 3], "y": [4, 5, 6]})
    run = insisting("What comes out for df?", {"df": df}, f"import pandas as pd\n{code}", f"It is {number}.")
    for cls, names in before.items():
        for name in {*vars(cls)} - names:
            delattr(cls, name)
    assert (run.answer, [turn.error for turn in run.turns]) == (f"It is {number}.", [""])


# --- addresses ---------------------------------------------------------------------------------------------------


class Serve(BaseHTTPRequestHandler):
    """Serves two rows, as the name of the file demands."""

    def do_GET(self) -> None:
        body = b'[{"a": 1}, {"a": 3}]' if "json" in self.path else b"a,b\n1,2\n3,4\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Serve)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "code",
    [
        "import pandas as pd\nprint(len(pd.read_csv('{}/a.csv')))",
        "import pandas as pd\nprint(len(pd.read_json('{}/a.json')))",
        "import json, urllib.request\nwith urllib.request.urlopen('{}/a.json') as got:\n    print(len(json.load(got)))",
        "import requests\nprint(len(requests.get('{}/a.json', timeout=9).json()))",
        "import http.client\nhost = '{}'.removeprefix('http://')\nline = http.client.HTTPConnection(host, timeout=9)\n"
        "line.request('GET', '/a.csv')\nprint(line.getresponse().read().count(b'\\n') - 1)",
        "import socket\nhost, _, port = '{}'.removeprefix('http://').partition(':')\n"
        "with socket.create_connection((host, int(port)), 9) as line:\n"
        "    line.sendall(b'GET /a.csv HTTP/1.0\\r\\n\\r\\n')\n"
        "    print(line.makefile().read().count(',') - 1)",
    ],
)
@pytest.mark.parametrize("namespace", [{}, {"df": pd.DataFrame({"x": [1]})}], ids=["alone", "beside a frame"])
def test_an_address_is_read(code: str, namespace: dict[str, Any], address: str) -> None:
    task = f"How many rows are at {address}?"
    run = insisting(task, namespace, code.format(address), "There are 2.")
    assert (run.answer, [turn.error for turn in run.turns]) == ("There are 2.", [""])
