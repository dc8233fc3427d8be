# ruff: noqa: E501 - cells as they would be written
"""What the model reads of outputs is the same in the trial and in the real run, and tells what is in them."""

from __future__ import annotations

import pytest

from ..conftest import CONVERSATION
from .conftest import Trying

pytestmark = pytest.mark.kernel

SHOWN = "from IPython.display import HTML, JSON, SVG, GeoJSON, Image, Latex, Markdown, Math, display\n"
PLT = "import matplotlib.pyplot as plt\n"
PLOTLY = "{'data': [{'type': 'bar', 'x': ['a', 'b'], 'y': [3, 17.5]}], 'layout': {'title': {'text': 'Sales'}}}"
LITE = "{'mark': 'bar', 'encoding': {'x': {'field': 'city'}, 'y': {'field': 'Price', 'aggregate': 'sum'}}, 'data': {'values': df.to_dict('records')}}"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("df.style.format({'Price': '{:.2f} €'})", ["   city  Price", "0  a     1.50 €", "2  a     3.00 €"]),
        ("df.style.hide(axis='index').highlight_max(subset='Price')", ["city  Price", "b     2.500000"]),
        (f"{SHOWN}HTML(df.to_html(index=False))", ["city  Price", "a     1.5"]),
        (f"{SHOWN}display(HTML('<p>Total: <b>7.0</b></p>'))\nprint('after')", ["Total: 7.0\nafter"]),
        (f"{SHOWN}Markdown(f'**{{df.Price.sum()}}** in all')", ["**7.0** in all"]),
        (f"{SHOWN}display(Latex('$x = 2.5$'), Math('y = 3.5'))", ["$x = 2.5$", "y = 3.5"]),
        (f"{SHOWN}JSON({{'mean': df.Price.mean()}})", ["{mean: 2.333"]),
        (f"{SHOWN}GeoJSON({{'type': 'FeatureCollection', 'features': [{{'geometry': {{'coordinates': [9.9, 48.4]}}}}]}})", ["1 features", "[9.9, 48.4]"]),
        (f"{SHOWN}SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"><text>a 42</text></svg>')", ["texts: a 42 [image]"]),
        (f"{PLT}plt.bar(df.city[:2], df.Price[:2], label='p')\nplt.title('Prices'); plt.ylabel('€')\nplt.show()", ["title: Prices", "x: (a, b); y: €", "bar p (2): x = a, b; y = 1.5, 2.5", "[figure "]),
        (f"{PLT}fig, ax = plt.subplots()\nax.scatter(df.index, df.Price)\nax.set_xlabel('row')\nfig", ["x: row", "points (3): x = 0, 1, 2; y = 1.5, 2.5, 3"]),
        ("ax = df.plot.line(y='Price')", ["line Price (3): x = 0, 1, 2; y = 1.5, 2.5, 3", "legend: Price"]),
        (f"{PLT}df.Price.hist(bins=3)\n'ended'", ["ended", "bar (3): x from = 1.5, 2, 2.5; y = 1, 0, 2"]),
        (f"{SHOWN}display({{'application/vnd.plotly.v1+json': {PLOTLY}, 'text/html': '<div></div>'}}, raw=True)", ["title: Sales", "bar (2): x = a, b; y = 3, 17.5 [chart]"]),
        (f"{SHOWN}display({{'application/vnd.vegalite.v5+json': {LITE}, 'text/plain': 'alt.Chart(...)'}}, raw=True)", ["x: city; y: sum of Price", "Price = 1.5, 2.5, 3 [chart]"]),
        ("import ipywidgets\nbar = ipywidgets.FloatProgress(0.0, max=3.0)\ndisplay(bar)\nfor _ in range(3):\n    bar.value += 1", ["FloatProgress(value=3.0, min=0.0, max=3.0) [widget]"]),
        ("import ipywidgets\nbox = ipywidgets.HBox([ipywidgets.Label('start')])\ndisplay(box)\nbox.children[0].value = 'done 7'\nNone", ["HBox(Label(value='done 7')) [widget]"]),
        ("for n in range(101):\n    print(f'\\r{n}%', end='')\nprint(' done')", ["\n100% done\n"]),
        ("for n in range(9_000):\n    print(f'\\r{n:6d} {\"#\" * 40}', end='', flush=True)\nprint()", ["\n  8999 " + "#" * 40 + "\n"]),
        ("print('\\x1b[31mred\\x1b[0m', 'a\\bb', 'x\\x00y', b'\\xff')", ["red b xy b'\\xff'"]),
        ("import sys\nfor n in range(3_000):\n    sys.stderr.write(f'\\rstep {n}' + ' ' * 30)", ["stderr: step 2999\n"]),
        ("h = display('begun', display_id=True)\nh.update({'text/html': '<i>ended</i>', 'text/plain': '<p object>'}, raw=True)", ["\nended\n"]),
    ],
)  # fmt: skip
def test_an_output_is_told_in_the_trial_as_in_the_run(shared: Trying, source: str, told: list[str]) -> None:
    tried = shared(source)
    assert tried["outcome"] == "ran", tried
    shared.lab.hidden(f"_seen = {CONVERSATION}.workspace.run('p', {source!r})[0].text")
    seen = shared.lab.value("_seen")
    begin, _, output = seen.partition("\n")
    assert begin.startswith("--- output")
    for text in told:
        assert text in f"\n{output}", seen
    end = "\n--- end ---"
    assert tried["observation"].partition(end)[0] == seen.partition(end)[0]
    shared.lab.hidden("import matplotlib.pyplot\nmatplotlib.pyplot.close('all')")


def test_describing_a_figure_runs_no_code_of_the_user(shared: Trying) -> None:
    source = (
        "import matplotlib.pyplot as plt\nfrom matplotlib.lines import Line2D\nran = []\n"
        "class Own(Line2D):\n    def get_xdata(self, *a, **k):\n        ran.append(1)\n        return super().get_xdata(*a, **k)\n"
        "    _label = property(lambda self: ran.append(2) or 'own', lambda self, value: None)\n"
        "fig, ax = plt.subplots()\nax.add_line(Own([1, 2], [3, 4]))\nax.plot([1, 2], [5, 6], label='theirs')\n"
        "fig.canvas.draw(); plt.close(fig)\nbefore = len(ran)\n"
        "from codeact_jupyter.outputs.figures import figure_text\ntext = figure_text(fig)\nprint(text, len(ran) == before)"
    )
    assert shared(source)["outputs"] == "line theirs (2): x = 1, 2; y = 5, 6 True"
