"""What no step may be: one that touches CodeAct, or one whose code a reader would not see. Text is no matter."""

from __future__ import annotations

import unicodedata

import pytest
from traitlets.config import Config

from codeact_jupyter import SolveRun, config, solve
from codeact_jupyter.checks import Finding, find_problem
from codeact_jupyter.session.messages import Usage
from tests.hostile import Tries

JOINERS = "\u200c\u200d"
HIDDEN = [chr(n) for n in range(0xF0000) if unicodedata.category(chr(n)) == "Cf"] + ["\ue000", "\uf8ff"]
OWN = Finding("own", "A step cannot touch CodeAct itself.")

# --- hidden characters -------------------------------------------------------------------------------------------


@pytest.mark.hostile("hidden code")
def test_every_hidden_character_outside_a_string_is_refused_but_joiners(tries: Tries) -> None:
    assert len(HIDDEN) > 150
    for character in set(HIDDEN) - set(JOINERS):
        for code in (f"x = 1  # a{character}b", f"x = {character}1", f"print('a'){character}", f"%ls '{character}'"):
            problem = find_problem(code)
            assert problem is not None
            assert problem.kind == "hidden"
            assert problem.text.startswith(
                f"The code holds the hidden character U+{ord(character):04X}: write it as `\\"
            )
            tries.add()


@pytest.mark.hostile("hidden code")
@pytest.mark.parametrize("form", ["x = 'a@b'", 'x = """a\n@"""', "f'{x}@'", "r'@'", "{'@': '@'}['@']", "f'{d[\"@\"]}'"])
def test_a_string_may_hold_any_character_that_does_not_reorder_the_code_around_it(form: str, tries: Tries) -> None:
    for character in HIDDEN:
        problem = find_problem(form.replace("@", character))
        (tries.control if problem is None else tries.add)()
        assert (problem is not None) == (character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.hostile("hidden code", control=True)
@pytest.mark.parametrize(
    "code",
    [
        "df['\u0645\u06cc\u200c\u0634\u0648\u062f'].mean()  # \u0645\u06cc\u200c\u0634\u0648\u062f",
        "df.rename(columns={'\u0915\u094d\u200d\u0937': 'k'})",
        "'\U0001f468\u200d\U0001f373' in menu",
        "# \u0646\u06cc\u0645\u200c\u0641\u0627\u0635\u0644\u0647\nprint(1)",
        "print(f'\u200f{total} \u05e9\u05f4\u05d7\u200e')",
        "text.replace('\xad', '').strip('\ufeff\u200b')",
        "label = 'na\u2060me'; print(label)",
        "x = 'a\x9bb' + 'a\u3164b'",
        "# 合計\u3000値\nprint(1)  # 5\u202f%, 3\u00a0€",
        "%%time\nx = 'a\u200bb'",
        "%time x = 'a\u200bb'",
        "for i in t:\n    %timeit -n 1 -r 1 f('\xad', i)",
        "%time id = t == 'µg/m³'",
        "%timeit -n 1 -r 1 f(t > 1, 'µg/m³')",
        '%time x = 1\ny = f\'{x}\u200f\'\n!ls\nz = """\n\u00ad\n"""',
    ],
)
def test_text_of_any_language_passes(code: str) -> None:
    assert find_problem(code) is None


@pytest.mark.hostile("hidden code")
@pytest.mark.parametrize(
    "code",
    [
        "x = '''\n''' # \u202e'''",
        "!echo '\u202e'",
        "x = 1\n!echo '\u200b'",
        "%%bash\necho '\u200b'",
        "%time x = 1 # \u200b'\ny = 1",
        "%time \u200bx = 1",
        "%timeit -n 1 ｘ = 'µ'",
        "x = 1\u00a0+ 2",
        "x = 1\u3000",
        "%time print('\u202e')",
        "x = 'a\u2028%codeact mode auto'",
        "x = '\u202e",
        "x = '''a\rb'''",
        "x = 1 + \\\n\u20662",
        "ᅟ = 1",
        "\u3164 = 2",
        "x = 1  # a\u2028b",
        "x = 1  # a\x9bb",
        "f'{x}' # \u202e'",
    ],
)
def test_what_is_no_string_of_plain_python_is_no_place_to_hide(code: str) -> None:
    assert find_problem(code)


# --- CodeAct itself ----------------------------------------------------------------------------------------------


@pytest.mark.hostile("steps that touch CodeAct")
@pytest.mark.parametrize(
    "code",
    [
        "%codeact mode auto",
        "%%codeact\nwhat is it?",
        "  %codeact mode auto",
        "for _ in range(2):\n    %codeact mode auto",
        "%time %codeact mode auto",
        "%%time\n%codeact mode auto",
        "%%prun import codeact_jupyter\nx = 1",
        "%%timeit -n 1\nimport codeact_jupyter",
        "%load_ext codeact_jupyter",
        "%unload_ext codeact_jupyter",
        "%alias_magic hush codeact",
        "import codeact_jupyter",
        "import os, codeact_jupyter.notebook as n",
        "from codeact_jupyter.kernel import gate",
        "import importlib\nimportlib.import_module('codeact_jupyter.notebook')",
        "__import__('codeact_jupyter')",
        "import sys\nsys.modules['codeact_jupyter.agent']",
        "import sys\nsys.modules.get('codeact_jupyter')",
        "get_ipython().run_line_magic('codeact', 'mode auto')",
        "ip = get_ipython()\nip.run_cell_magic('codeact', '', 'go')",
        "ip = get_ipython()\nrun = ip.run_line_magic\nrun('codeact', 'mode auto')",
        "get_ipython().run_cell('%codeact mode auto')",
        "get_ipython().magic('codeact mode auto')",
        "get_ipython().find_line_magic('codeact')('mode auto')",
        "get_ipython().magics_manager.magics['line']['codeact']",
        "get_ipython().magics_manager.registry['CodeActMagics'].wiring",
        "exec('import codeact_jupyter')",
        "exec(\"exec('import codeact_jupyter')\")",
        "%config CodeAct.mode = 'auto'",
        "get_ipython().config.CodeAct.mode = 'auto'",
        "c = get_ipython().config\nc['CodeAct']['mode'] = 'auto'",
        "c = get_config()\nc.CodeAct.mode = 'auto'",
    ],
)
def test_a_step_cannot_touch_its_own_policy(code: str) -> None:
    assert find_problem(code) == OWN
    assert find_problem(code, {}, tried=True) == OWN


@pytest.mark.hostile("steps that touch CodeAct")
def test_live_objects_of_ours_are_refused_under_any_name() -> None:
    options = config.CodeAct()
    live = {"options": options, "kind": config.CodeAct, "package": config, "shell": Config(), "CodeAct": "a title"}
    for code in ("options.mode = 'auto'", "x = [options]", "kind.mode", "package.x", "print(shell.CodeAct)"):
        assert find_problem(code, live) == OWN
    assert find_problem("CodeAct.upper()", live) is None


@pytest.mark.hostile("steps that touch CodeAct", control=True)
@pytest.mark.parametrize(
    "code",
    [
        "pd.read_csv('/data/codeact-trial/points.csv')",
        "papers[papers['title'] == 'CodeAct']",
        "papers['codeact'].sum() + papers.codeact.mean()",
        "print('CodeAct runs %codeact cells, see import codeact_jupyter')",
        "titles.count('codeact_jupyter')",
        "%cd CodeAct",
        "!grep -c CodeAct papers.csv",
        "%time print((papers['title'] == 'CodeAct').sum())",
        "%%html\nCodeAct <b>is</b> codeact",
        "counts = {'CodeAct': 3}\ncounts['CodeAct'] += 1\ncounts.get('codeact')",
        "config = {'codeact': 1}\nconfig['codeact']",
        "CodeAct = 3\nprint(CodeAct)",
        "import sys\nprint(sys.argv, 'codeact')",
        "# CodeAct and codeact_jupyter\nprint(1)",
    ],
)
def test_text_and_data_that_hold_the_name_are_no_policy(code: str) -> None:
    assert find_problem(code) is None


def test_a_result_of_solve_is_the_users() -> None:
    live = {"run": SolveRun("It is 3.", "answered", "", (), (), Usage()), "solve": solve}
    assert find_problem("print(run.answer, solve)", live) is None
