"""Frames are followed through whatever a cell does with them: one that runs is never refused."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from codeact_jupyter.checks.static import find_all

COLUMNS = ("x", "y", "k", "z", "new", "index", "mean", "sum", "proportion", "level_1", "x_x")
FRAMES = ("df", "one", "two")
GROUPBY = pd.DataFrame.groupby
STATEMENTS = (
    "{f}['{c}'] = 1",
    "{f}['{c}'] = {f}['{d}'] * 2",
    "{f}['{c}'] += 1",
    "{f} = {g}",
    "{f} = {g}.copy()",
    "{f}, {g} = {g}, {f}",
    "{f} = {g}[{g}['{c}'] > 0]",
    "{f} = {g}[['{c}', '{d}']]",
    "{f} = {g}.loc[:, ['{c}']]",
    "{f} = {g}.loc[{g}['{c}'] > 0]",
    "{f}.loc[:, '{c}'] = 3",
    "{f}.loc[0, '{c}'] = 3",
    "{f} = {g}.rename(columns={{'{c}': '{d}'}})",
    "{f} = {g}.rename(columns=str.upper)",
    "{f}.rename(columns={{'{c}': '{d}'}}, inplace=True)",
    "{f} = {g}.assign({c}=1)",
    "{f} = {g}.assign({c}=lambda t: t['{d}'] + 1)",
    "{f} = {g}.assign(**{{'{c}': 1}})",
    "{f} = {g}.drop(columns=['{c}'])",
    "{f}.drop(columns='{c}', inplace=True)",
    "{f} = {g}.merge({h}, on='{c}')",
    "{f} = {g}.merge({h}, left_on='{c}', right_on='{d}', suffixes=('', '_r'))",
    "{f} = pd.merge({g}, {h}, on=['{c}'], how='left')",
    "{f} = {g}.groupby('{c}')['{d}'].sum().reset_index()",
    "{f} = {g}.groupby('{c}', as_index=False)['{d}'].mean()",
    "{f} = {g}.groupby('{c}').agg(new=('{d}', 'sum')).reset_index()",
    "{f} = {g}.groupby('{c}').agg({{'{d}': 'mean'}})",
    "{f} = {g}.groupby('{c}').size().reset_index(name='{d}')",
    "{f} = {g}.groupby('{c}').agg(new=('{d}', 'sum'), {d}=('{c}', 'size'))",
    "{f} = {g}.groupby('{c}').sum()",
    "{f} = {g}.groupby(['{c}', '{d}'])[['x']].max()",
    "{f} = {g}.groupby(['{c}', '{d}'], as_index=False).size()",
    "{f} = {g}.groupby('{c}')['{d}'].agg(['mean', 'sum']).reset_index()",
    "{f} = {g}.groupby('{c}')['{d}'].agg(mean='mean', new='sum')",
    "{f} = {g}.groupby('{c}')['{d}'].max().rename('new').reset_index()",
    "{f} = {g}.groupby('{c}')['{d}'].max().sort_values().head(2).to_frame()",
    "{f} = {g}.groupby('{c}')['{d}'].describe()",
    "{f} = {g}.groupby('{c}')['{d}'].value_counts().reset_index()",
    "{f} = {g}.groupby({g}['{c}'] > 1)['{d}'].sum().reset_index()",
    "{f} = {g}.groupby('{c}', as_index=False).agg({{'{d}': 'sum', 'x': ['min', 'max']}})",
    "{f} = {g}.groupby('{c}').first().reset_index()",
    "{f} = {g}.groupby('{c}').head(1)",
    "{f} = {g}['{c}'].value_counts().head(1).reset_index(name='{d}')",
    "{f} = {g}['{c}'].value_counts(normalize=True).reset_index()",
    "{f} = {g}.merge({h})",
    "{f} = {g}.merge({h}, how='outer', on=['k'], indicator=True)",
    "{f} = {g}.merge({h}, how='cross', suffixes=('_x', '_r'))",
    "{f} = {g}.merge({h}, left_index=True, right_index=True)",
    "{f} = {g}.merge({h}[['{c}', '{d}']], left_on='{c}', right_on='{c}')",
    "{f} = pd.merge(left={g}, right={h}, on='{c}', suffixes=['_l', '_r'])",
    "{f} = {g}.select_dtypes('number').diff()",
    "{f} = {g}.set_index('{c}')",
    "{f}['{c}' + '_x'] = 1",
    "{f} = {g}.reset_index(names='{c}')",
    "{f} = {g}.groupby('{c}').sum(numeric_only=True).reset_index()",
    "{f} = {g}.groupby('{c}')[['x', 'y']].apply(lambda t: t.head(1)).reset_index()",
    "{f} = {g}['{c}'].value_counts(normalize=True, sort=False).reset_index()",
    "{f} = {g}.drop(columns=['{c}']).merge({h}, on='{d}')",
    "{f} = {g}.groupby('{c}')['{d}'].describe(percentiles=[0.9])",
    "{f} = {g}.groupby('{c}').agg(func='sum')",
    "try:\n    counts['{c}'] += 1\nexcept KeyError:\n    counts['{c}'] = 1",
    "with contextlib.suppress(KeyError):\n    {f} = {f}.drop(columns=['{c}'])",
    "facts['{c}'] = {f}['{d}'].sum()\nfacts['{c}'].item()",
    "{f}.set_index('{c}', inplace=True)",
    "{f} = {g}.reset_index()",
    "{f}.reset_index(inplace=True)",
    "{f} = {g}.reset_index(drop=True)",
    "{f}.columns = [label * 2 for label in {f}.columns]",
    "{f}.columns = {f}.columns.str.upper()",
    "{f}.index.name = '{c}'",
    "del {f}['{c}']",
    "{f}.insert(0, '{c}', 1)",
    "taken = {f}.pop('{c}')",
    "for t in ({f}, {g}):\n    t['{c}'] = 1",
    "for t in [{f}, {g}]:\n    t.rename(columns={{'{c}': '{d}'}}, inplace=True)",
    "for label in ['{c}', '{d}']:\n    {f}[label] = 0",
    "for i in range(2):\n    {f}[f'{c}{{i}}'] = i",
    "for i in range(2):\n    if i:\n        {f}['{d}']\n    {f}['{d}'] = 1",
    "def fn(t):\n    t['{c}'] = 2\n    return t\n{f} = fn({g})",
    "def fn(t):\n    t.insert(0, '{c}', 1)\nfn({f})",
    "def fn():\n    {f}['{c}'] = 2\nfn()",
    "def fn():\n    global {f}\n    {f} = {g}.rename(columns={{'{c}': '{d}'}})\nfn()",
    "def fn(t):\n    def inner():\n        return t['{c}']\n    return inner()\nfn({f})",
    "add = lambda t: t.insert(0, '{c}', 1)\nadd({f})",
    "spoil({f}, '{c}')",
    "spoil_one()",
    "if len({f}) > 1:\n    {f} = {g}\nelse:\n    {f} = {h}",
    "if '{c}' not in {f}.columns:\n    {f}['{c}'] = 0",
    "if '{c}' in {f}:\n    print({f}['{c}'])",
    "try:\n    {f}['{c}']\nexcept KeyError:\n    {f}['{c}'] = 0",
    "with pd.option_context('display.width', 80):\n    {f}['{c}'] = 1",
    "{f} = pd.concat([{g}, {h}], axis=1)",
    "{f} = pd.concat([{g}, {h}])",
    "{f} = pd.concat([{g}, {h}], ignore_index=True).drop_duplicates('{c}')",
    "{f} = pd.concat([{g}, {h}['{c}']], axis=1)",
    "{f} = pd.concat([{g}, {h}], keys=['{c}', '{d}'])",
    "{f} = pd.concat([part.assign({c}=1) for part in ({g}, {h})])",
    "row = {f}.iloc[0]\nrow['{c}'] = 1\n{g} = pd.DataFrame([row])",
    "held = {{'{c}': 1, '{d}': 2}}\nheld.update(k=3)\n{f} = {f}.assign(**held)",
    "taken = {f}['{c}']\ntaken.name = 'new'\n{g} = taken.reset_index()",
    "taken = {f}.groupby('{c}')['{d}'].sum()\ntaken.index.name = 'new'\n{g} = taken.reset_index()",
    "counts['{c}'] = 1",
    "counts = counts.sort_values()",
    "{f} = {g}.melt(id_vars='{c}')",
    "{f} = {g}.pivot_table(index='{c}', values='{d}').reset_index()",
    "{f} = {g}.T",
    "{f} = {g}.query('{c} > 0')",
    "{f} = {g}.eval('{c} = {d} * 2')",
    "{f}.eval('{c} = {d} * 2', inplace=True)",
    "name = '{c}'\n{f}[name] = 1",
    "{f} = {f}.pipe(lambda t: t.assign({c}=1))",
    "held = {{'f': {f}}}\nheld['f'].rename(columns={{'{c}': '{d}'}}, inplace=True)",
    "held = [{f}, {g}]\nheld[0].insert(0, '{c}', 1)",
    "{f}.update({g})",
    "{f} = {g}.join({h}, rsuffix='_r')",
    "{f} = {g}.describe()",
    "{f} = {g}.apply(lambda t: t * 2)",
    "{f} = {g}.dropna(subset=['{c}']).head(2).sort_values('{d}')",
    "{f} = {g}.nlargest(2, '{c}')",
    "{f} = {g}.where({g} > 0).fillna(0)",
    "{f} = {g}.iloc[:, :2]",
    "{f} = {g}.iloc[:2]",
    "{f} = pd.DataFrame({{'{c}': [1, 2], '{d}': [3, 4]}})",
    "{f} = pd.DataFrame({g}['{c}'])",
    "{f} = pd.get_dummies({g}, columns=['{c}'])",
    "{f} = {g}['{c}'].value_counts().reset_index()",
    "{f} = {g}['{c}'].to_frame('{d}')",
    "{f} = {g}.set_index('{c}').groupby(level='{c}').sum()",
    "{f} = {g} if len({g}) else {h}",
    "({f} := {g}.copy())['{c}'] = 1",
    "match len({f}):\n    case 0:\n        {f} = {g}\n    case _:\n        {f}['{c}'] = 1",
    "setattr({f}, 'columns', ['q'] * 0 or list({f}.columns))",
    "exec(\"{f}['{c}'] = 1\")",
    "means['{c}'] = 1",
    "means.update({c}=2)",
    "change_means('{c}')",
    "means = dict(means, {c}=1)",
    "del means['{c}']",
    "other = means\nother['{c}'] = 1",
    "means |= {{'{c}': 1}}",
)
READS = (
    "{f}['{c}']",
    "{f}.{c}",
    "{f}['{c}'].mean()",
    "{f}[['{c}']]",
    "{f}.groupby('{c}').size()",
    "{f}.groupby('{c}')['{d}'].mean()",
    "{f}.sort_values('{c}')",
    "{f}.loc[:, '{c}']",
    "{f}.loc[{f}['{c}'] > 0, '{d}']",
    "[row['{c}'] for _, row in {f}.iterrows()]",
    "print(f\"{{{f}['{c}'].sum()}}\")",
    "(lambda: {f}['{c}'])()",
    "{f}.apply(lambda row: row['{c}'], axis=1)",
    "{f}.drop_duplicates('{c}')",
    "{f}.set_index('{c}')['{d}']",
    "means['{c}']",
    "counts['{c}']",
    "{f}.iloc[0]['{c}']",
    "{f}.iloc[-1].{c}",
    "{f}.loc[{f}['{d}'].idxmax()]['{c}']",
    "{f}.loc[0]['{c}']",
    "[row.{c} for row in {f}.itertuples()]",
    "for i, row in {f}.iterrows():\n    row['{c}'] + row['{d}']",
    "{f}.apply(lambda row: row['{c}'] if '{d}' in row else row['{d}'], axis='columns')",
    "{f}.groupby('{d}')['k'].mean()['{c}']",
    "{f}.groupby('{c}').sum().loc[1]['{d}']",
    "{f}['{d}'].value_counts()['{c}']",
    "[held['{c}'] for held in [{{'x': 1, '{d}': 2}}, {{'{d}': 3, 'x': 4}}]]",
    "held = {{'x': 1, '{d}': 2}}\nheld['{c}']",
    "held = [{{'x': n}} for n in range(2)]\nheld[0]['{d}'] = 3\nheld[0]['{c}']",
    "[held['{c}'] for held in {f}.to_dict('records')]",
    "def read():\n    return {f}['{c}'], means['{d}']\nread()",
    "class Reader:\n    data = {f}['{c}']\n    def get(self):\n        return {f}['{d}']\nReader().get()",
    "while True:\n    {f}['{c}']\n    break",
)


def live() -> dict[str, Any]:
    """Three frames with some columns in common, dictionaries, and tools that change them."""
    one = pd.DataFrame({"x": [1, 2, 3], "y": [4.0, np.nan, 6.0], "k": [1, 1, 2]})
    means = {"x": 1, "y": 2}

    def spoil(frame: Any, label: str) -> None:
        frame.rename(columns={"x": label}, inplace=True)
        frame["k"] = 1

    def spoil_one() -> None:
        one.columns = [f"_{n}" for n in range(len(one.columns))]

    def change_means(label: str) -> None:
        means[label] = 3

    return {
        "pd": pd,
        "np": np,
        "contextlib": contextlib,
        "df": pd.DataFrame({"x": [1, 2, 3], "y": [1, 1, 2], "z": [3, 4, 5], "mean": [5, 6, 7], "new": [*"abc"]}),
        "facts": {"x": 1},
        "one": one,
        "two": pd.DataFrame({"k": [1, 2, 3], "new": [1, 2, 3]}, index=pd.Index([*"abc"], name="index")),
        "means": means,
        "counts": pd.Series({"x": 1, "y": 2}),
        "spoil": spoil,
        "spoil_one": spoil_one,
        "change_means": change_means,
    }


@st.composite
def cells(draw: st.DrawFn) -> str:
    """Some statements, and reads of columns that may be there or not."""
    lines = []
    for _ in range(draw(st.integers(1, 5))):
        template = draw(st.sampled_from(STATEMENTS) | st.sampled_from(READS))
        frames = {name: draw(st.sampled_from(FRAMES)) for name in "fgh"}
        lines.append(template.format(**frames, c=draw(st.sampled_from(COLUMNS)), d=draw(st.sampled_from(COLUMNS))))
    template = draw(st.sampled_from(READS))
    lines.append(template.format(f=draw(st.sampled_from(FRAMES)), c=draw(st.sampled_from(COLUMNS)), d="x"))
    return "\n".join(lines)


def group(frame: Any, by: Any = None, **options: Any) -> Any:
    """`frame.groupby`, which takes a list as long as the frame for labels of its rows if it is not one of columns."""
    if type(by) is list and not set(by) <= {*frame.columns, *frame.index.names}:
        raise KeyError(by)
    return GROUPBY(frame, by, **options)


def runs(code: str) -> bool:
    """Return True if the cell runs without an error."""
    strict = patch.object(pd.DataFrame, "groupby", group)
    with strict, warnings.catch_warnings(action="ignore"), contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(code, live())
        except Exception:
            return False
    return True


@given(cells())
@settings(max_examples=200, deadline=None)
def test_a_cell_that_runs_is_passed(code: str) -> None:
    findings = [finding for finding in find_all(code, live()) if finding.kind not in ("tool", "lost")]
    if findings:
        assert not runs(code), (code, findings)
