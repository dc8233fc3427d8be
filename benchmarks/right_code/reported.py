# ruff: noqa: E501 - cells as they would be written
"""Right cells of the kinds that users of coding agents saw refused, doubted or talked out of."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .expressions import live
from .judging import RightCell

URL = "http://the.server"  #: stands for a server on this machine that has `/shops.csv`
PRICE, TEAM, FARSI = "قیمت\u200cها", "👩\u200d🔬", "می\u200cشود"
ORDINAL = "क\u094d\u200dष"


def namespace() -> dict[str, Any]:
    """Return the frames of the generated cells, and some with odd labels and texts."""
    months = pd.DataFrame([[1, 2, 3], [4, 5, 6]], columns=pd.period_range("2024-01", periods=3, freq="M"))
    days = pd.DataFrame({"v": [1.0, 2.0, 3.0]}, index=pd.date_range("2024-02-28", periods=3))
    odd = pd.DataFrame({PRICE: [1, 2], ORDINAL: [3, 4], "team": [TEAM, "x"], "name": ["a\u200bb", "אב\u200f"]})
    papers = pd.DataFrame(
        {"title": ["CodeAct", "ReAct", "solve"], "codeact": [1, 2, 3], "path": ["a/b", "path/to/x", "…"]}
    )
    return {**live(), "months": months, "days": days, "odd": odd, "papers": papers}


CELLS: dict[str, tuple[str, ...]] = {
    "dates as text": (
        "len(orders[(orders['placed'] >= '2024-03-01') & (orders['placed'] < '2024-04-01')])",
        "orders.loc[orders.placed.between('2024-03-01', '2024-03-31'), 'amount'].sum()",
        "orders.query(\"placed >= '2024-03-15'\")",
        "(orders['placed'].dt.strftime('%Y-%m') == '2024-03').sum()",
        "(orders['placed'].dt.day_name() == 'Friday').mean()",
        "days.loc['2024-02-29', 'v'], days.loc['2024-02'], days['2024-02-28':'2024-02-29']",
        "orders[orders['paid'] > '2024-03-10']['customer'].unique()",
        "orders.set_index('placed').loc['2024-03', 'amount'].mean()",
        "sum(orders[c].dtype.kind in 'if' for c in orders), orders['city'].dtype == 'object'",
    ),
    "labels by text": (
        "months['2024-02'].sum()",
        "months[['2024-01', '2024-03']].sum(axis=1)",
        "months.T.loc['2024-02']",
        "wide = months.add_prefix('m_')\nwide['m_2024-01']",
        "months.loc[:, '2024-02':]",
        "months.columns = months.columns.astype(str)\nmonths['2024-03'].max()",
        "orders.pivot_table(index='customer', columns=orders.placed.dt.to_period('M'), values='amount')['2024-03']",
    ),
    "methods that come later": (
        "from tqdm.auto import tqdm\ntqdm.pandas()\norders['amount'].progress_apply(lambda v: v * 2).sum()",
        "from tqdm import tqdm\ntqdm.pandas(desc='rows')\norders.progress_apply(lambda row: row['amount'], axis=1)",
        "@pd.api.extensions.register_series_accessor('till')\nclass Till:\n    def __init__(self, s):\n        self.s = s\n    def total(self):\n        return self.s.sum()\norders['amount'].till.total()",
        "pd.DataFrame.shape_text = lambda self: 'x'.join(map(str, self.shape))\norders.shape_text()",
        "orders.attrs['unit'] = 'EUR'\norders.attrs['unit']",
        "class Shop(pd.DataFrame):\n    def cheapest(self):\n        return self['amount'].min()\nShop(orders).cheapest()",
        "setattr(pd.Series, 'double', lambda s: s * 2)\norders.amount.double().sum()",
    ),
    "URLs": (
        f"other = pd.read_csv('{URL}/shops.csv')\nprint(len(other))",
        f"import urllib.request\nwith urllib.request.urlopen('{URL}/shops.csv') as page:\n    print(page.read()[:3])",
        f"import io, requests\npd.read_csv(io.StringIO(requests.get('{URL}/shops.csv').text))['a'].sum()",
        "link = 'https://example.org/path/to/page?your_id=3'\nprint(link.rsplit('/', 1)[-1])",
        "from urllib.parse import urlsplit\nurlsplit('https://example.org/codeact/index.html').path",
    ),
    "our own name as text": (
        "(papers['title'] == 'CodeAct').sum()",
        "papers[papers.title.isin(['CodeAct', 'solve'])]",
        "papers['codeact'].sum() + papers.codeact.max()",
        "print('%codeact mode auto', 'import codeact_jupyter')",
        "counts = papers.title.value_counts()\ncounts['CodeAct'], counts.get('codeact_jupyter', 0)",
        "solve = papers.title.eq('solve').sum()\nsolve",
        "class Proposal:\n    approved = False\nProposal().approved",
        "papers.rename(columns={'codeact': 'CodeAct'})['CodeAct'].tolist()",
        "folder = '/data/codeact_jupyter/out'\nimport os\nos.path.basename(os.path.dirname(folder))",
        "codeact = {'mode': 'auto'}\nprint(codeact['mode'])",
        "def gate(x):\n    return x\n# CodeAct.mode = 'auto'\ngate('codeact')",
        "%time print('codeact')",
        "!echo CodeAct",
    ),
    "letters of all languages": (
        f"odd['{PRICE}'].sum()",
        f"odd[['{ORDINAL}', '{PRICE}']].max()",
        f"(odd['team'] == '{TEAM}').sum()",
        f"print('{FARSI}', '👩\u200d👩\u200d👧\u200d👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '❤️')",
        f"# {FARSI}\nprint(1)",
        "# 合計\u3000値\nprint(1)  # 5\u202f%, 3\u00a0€",
        "مقدار = 3\nprint(مقدار + 1)",
        "größe = {'straße': 1}\nprint(größe['straße'])",
        "print('שלום \u200f(עולם)\u200e', 'مرحبا')",
        "label = 'CO₂ in µg/m³, 1º, ½'\nlabel",
        "odd['name'].str.replace('\u200b', '')",
        "texts = ['a\u00adb', '\ufeffid', 'x\u00a0y', 'e\u0301']\n[t.strip('\ufeff').replace('\u00ad', '') for t in texts]",
        "'\u202babc\u202c'.strip('\u202a\u202b\u202c')",
        "odd['name'].str.contains('\u2066|\u2069').any()",
        f'f"{{len(odd)}} {FARSI} \u2068{{1 + 1}}\u2069"',
        "import re\nre.sub(r'[\u200b\u200e]', '', 'a\u200bb')",
        "数 = 5\nprint('数は', 数)",
        "π = 3.14\nprint(f'{π:.1f}')",
    ),
    "similar lines": (
        "import matplotlib.pyplot as plt\n"
        + "".join(
            f"plt.figure()\nplt.hist(orders['amount'])\nplt.title('{c}')\nplt.ylabel('Frequency')\nplt.show()\n"
            for c in "abcdef"
        ),
        "".join(f"try:\n    {n} = float('{n}')\nexcept ValueError:\n    {n} = None\n" for n in "abcdefgh"),
        "import random\nrandom.seed(1)\n" + "print(random.randint(1, 6))\n" * 8,
        "position, heading = 0j, 1\n" + "position += heading * 10\nheading *= 1j ** 0.8\n" * 5 + "position",
        "flags = [" + "True, False, " * 8 + "]\nsum(flags)",
        "gaps = [" + "None, " * 14 + "]\nlen(gaps)",
        "values = [" + "np.nan, " * 12 + "1.0]\nnp.nansum(values)",
        "rows = [\n" + "    ('apple', 1.2),\n" * 7 + "]\nlen(rows)",
        "board = [\n" + "    ['empty', 'empty', 'empty'],\n" * 6 + "]\nboard[0][0] = 'x'",
        "q = iter(range(9))\n" + "print(next(q), 'is next')\n" * 6,
        "print('-' * 20)\n" * 6,
        "dice = [0] * 6\n" + "dice[np.random.randint(6)] += 1\n" * 10 + "sum(dice)",
        "art = '''\n" + "+----+----+----+----+\n|    |    |    |    |\n" * 5 + "'''\nprint(art)",
        "pattern = 'abc abc abc abc abc abc abc abc abc abc abc abc'\npattern.count('abc')",
    ),
    "await": (
        "import asyncio\nawait asyncio.sleep(0)\nprint('done')",
        "import asyncio\nasync def one(n):\n    return n\nawait asyncio.gather(one(1), one(2))",
        "import asyncio\nasync def numbers_():\n    for n in range(3):\n        yield n\n[n async for n in numbers_()]",
        "import asyncio\nasync with asyncio.timeout(5):\n    print('in time')",
    ),
    "main guard and scripts": (
        'def main():\n    print(6 * 7)\n\n\nif __name__ == "__main__":\n    main()',
        "import sys\ndef main(argv=()):\n    return len(argv)\nif __name__ == '__main__':\n    print(main([]))",
        "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nprint('a script')",
        "from __future__ import annotations\ndef f(x: Later) -> Never:\n    return x\nf(1)",
        "__all__ = ['f']\n__version__ = '1'\nprint(__name__)",
    ),
    "underscores": (
        "_ = orders['amount'].sum()\n_",
        "_total, __count = orders.amount.sum(), len(orders)\n_total / __count",
        "for _ in range(2):\n    pass\nprint(_)",
        "_, rest = orders.amount.iloc[0], orders.amount.iloc[1:]\nrest.sum()",
        "def _helper(frame):\n    return frame.shape\n_helper(orders)",
        "(_x := 3) + _x",
    ),
    "names from elsewhere": (
        "from math import *\nprint(floor(2.5), pi)",
        "from statistics import *\nmean([1, 2])",
        "import os.path as osp, sys as system\nosp.sep, system.version_info[0]",
        "exec('z = 1')\nz",
        "globals()['made'] = 1\nmade",
        "locals().update(made_too=2)\nmade_too",
        "%run -n nothing.py\nprint(helper_of_the_file)",
        "try:\n    extra\nexcept NameError:\n    extra = 1\nextra",
        "if 'extra' not in globals():\n    extra = 2\nextra",
        "import importlib\ntools = importlib.import_module('json')\ntools.dumps([1])",
        "for table_name in ('orders', 'papers'):\n    print(len(globals()[table_name]))",
        "try:\n    import nothing_like_this as fast\nexcept ImportError:\n    import json as fast\nfast.dumps([])",
    ),
    "forms of the language": (
        "if (n := len(orders)) > 3:\n    print(n)\n[y for x in range(4) if (y := x % 2)]",
        "match orders.shape:\n    case (0, _):\n        print('none')\n    case (int(rows), columns):\n        print(rows, columns)",
        "match {'kind': 'a', 'n': 1}:\n    case {'kind': 'a' | 'b' as kind, **rest}:\n        print(kind, rest)",
        "match papers.title.tolist():\n    case [first, *_, last] if first != last:\n        print(first, last)",
        "first, *middle, last = orders.amount\nmiddle",
        "open = orders.amount + 1\n(open - orders.amount).mean()",
        "sum = orders.amount.sum()\nlist = [sum]\nlist",
        "Money = float\nMoney('2.5')",
        "def f(a, /, b=1, *, c=2, **more):\n    return a + b + c\nf(1, b=2, c=3, d=4)",
        "class Node:\n    def __init__(self, value, next=None):\n        self.value, self.next = value, next\nNode(1, Node(2)).next.value",
        "try:\n    raise ExceptionGroup('two', [ValueError(1), KeyError(2)])\nexcept* ValueError as group:\n    print(group)\nexcept* KeyError:\n    pass",
        "lines = '''\nfirst\n\n\n\nlast\n'''.splitlines()\nlen(lines)",
        "x = (1\n     + 2)\nprint(x,\n      end='')",
        "a = b'bytes \\x00'; r = r'\\d+'; f = f'{a!r:>{20}}'; print(a, r, f)",
        "lambda: (yield)",
        "print(*[1, 2], **{'sep': ', '})",
        "import io\nwith io.StringIO() as f:\n    f.write('x')\n    print(f.getvalue())",
    ),
    "magics and displays": (
        "%%time\norders.amount.sum()",
        "%%timeit -n 1 -r 1\norders.amount.sum()",
        "%timeit -n 1 -r 1 orders.amount.sum()",
        "%matplotlib --list\norders.amount.plot();",
        "%%capture out\nprint('kept')",
        "files = !ls\nlen(files)",
        "here = %pwd\nprint(here)",
        "orders.head?",
        "%who",
        "%%html\n<b>bold</b>",
        "orders.head(2);",
        "orders; papers; 1",
        "from IPython.display import Markdown, display\ndisplay(Markdown('**bold**'))\ndisplay(orders.style.format(precision=1))",
        "%precision 2\n3.14159",
        "%load_ext autoreload\n%autoreload 2",
        "pd.set_option('display.max_rows', 10); orders",
    ),
    "text that looks like a gap": (
        "def f(x: tuple[int, ...]) -> None: ...\nf((1,))",
        "from typing import Protocol\nclass Sized(Protocol):\n    def size(self) -> int: ...",
        "np.zeros((2, 3))[..., 0].sum()",
        "print('...', '…', 'and so on ...')",
        "papers[papers['path'] == 'path/to/x']",
        "papers.path.str.startswith('path/to/').sum()",
        "template = 'Dear <your name>,\\n...'\nprint(template.replace('<your name>', 'Ann'))",
        "# TODO: later\npass",
        "print('your_file.csv'.split('_'))",
        "your_orders = orders.copy()\nyour_orders.columns.tolist()",
        "import re\nre.sub(r'<[^>]+>', '', '<b>x</b>')",
        "class Marker: ...\nMarker()",
        "import abc\nclass Base(abc.ABC):\n    @abc.abstractmethod\n    def run(self): ...\nBase",
        "Ellipsis is ..., type(...)",
    ),
    "tables that end empty": (
        "orders[orders['city'] == 'Paris']",
        "(orders['city'] == 'Paris').sum()",
        "orders.reindex([0, 99])",
        "orders.shift(1)[orders['customer'] == 'Ann']",
        "len(orders[orders['customer'].isin(['Zoe'])])",
        "0",
        "orders.merge(papers, left_on='city', right_on='title')",
    ),
    "data written in code": (
        "shops = pd.DataFrame({'name': ['A', 'B'], 'n': [1, 2]})\nshops.n.sum()",
        "rows = [\n    {'name': 'A', 'n': 1},\n    {'name': 'B', 'n': 2},\n]\npd.DataFrame(rows)",
        "import io\npd.read_csv(io.StringIO('''name,n\nA,1\nB,2\n'''))",
        "text_ = '''\n```python\nprint(1)\n```\n'''\nprint(text_)",
        'sql = """\nSELECT *\nFROM orders\nWHERE city = \'Oslo\'\n"""\nprint(sql)',
        "html = '<table>' + '<tr><td>a</td></tr>' * 8 + '</table>'\nlen(html)",
        "config = {\n    'a':        1,\n    'long_key': 2,   # aligned\n}\nconfig",
    ),
}

_AGAIN = "def share(values):\n    return [v / sum(values) for v in values]"
WITH_HISTORY = (
    RightCell("its own functions again", f"{_AGAIN}\nshare([1, 3])", namespace, earlier=_AGAIN),
    RightCell(
        "its own functions again",
        "def share(values, total):\n    return values / total\nshare(1, 2)",
        namespace,
        earlier=_AGAIN,
    ),
    RightCell("its own functions again", "share = None", namespace, earlier="x = 1\ndef share(v):\n    return v"),
    RightCell(
        "its own functions again", "def share(v):\n    return v\nshare(2)", namespace, earlier="share = lambda v: v"
    ),
    RightCell(
        "its own functions again",
        "async def share(v):\n    return v\nawait share(2)",
        namespace,
        earlier="async def share(v):\n    return 1",
    ),
    RightCell("names of earlier cells", "later + 1", namespace, setup="later = 1"),
    RightCell("names of earlier cells", "mean([1, 2])", namespace, setup="from statistics import *"),
    RightCell(
        "names of earlier cells", "class Shop(Base):\n    pass\nShop().n", namespace, setup="class Base:\n    n = 1"
    ),
    RightCell("names of earlier cells", "orders['n'] = n\norders.n.sum()", namespace, setup="n = 2"),
    RightCell("a step with another ending", "x = 1\nprint(x + 1)", namespace, earlier="x = 1\nprint(x)"),
    RightCell("a step with another ending", "orders.head(3)", namespace, earlier="orders.head(2)"),
)


def cells() -> list[RightCell]:
    """Return all of them."""
    return [*(RightCell(kind, code, namespace) for kind, codes in CELLS.items() for code in codes), *WITH_HISTORY]
