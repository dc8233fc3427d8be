"""Judge solutions as DSEval's validators do: by the result, variables, printed text, tests of a function, a model.

A verdict is `yes`, `no`, or `partial`: right in content, but not as it was asked for. DSEval counts `yes` alone.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .environment import Outcome, copies
from .matching import Compare, comparer

_TEMPLATES: dict[str, tuple[str, ...]] = {
    "empty": (),
    "basic": ("crash",),
    "intact": ("crash", "namespace_intact"),
    "comparison": ("crash", "namespace_intact", "result"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a validator says."""

    correct: str  #: `yes`, `partial` or `no`
    reason: str = ""  #: why it is not `yes`


YES = Verdict("yes")


def validators(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the validators that apply, with their configuration.

    Args:
        config: Of the problem.

    Returns:
        Configuration by the name of the validator.

    Raises:
        ValueError: A validator is not known here.
    """
    own = {name: value for name, value in config.items() if name != "template"}
    found = {**dict.fromkeys(_TEMPLATES[config.get("template", "comparison")]), **own}
    if unknown := found.keys() - _VALIDATORS.keys() - {"and", "or"}:
        raise ValueError(f"the validator {', '.join(sorted(unknown))} is not known here")
    return found


def judge(config: Mapping[str, Any], expected: Outcome, found: Outcome) -> Verdict:
    """Judge a solution by all validators of a problem.

    Args:
        config: Validators and their configuration, of `validators`.
        expected: What the reference did.
        found: What the solution did.

    Returns:
        The worst of their verdicts.
    """
    order = {"no": 0, "partial": 1, "yes": 2}
    return min(
        (_judge_by(name, given, expected, found) for name, given in config.items()), default=YES, key=_rank(order)
    )


def _rank(order: Mapping[str, int]) -> Callable[[Verdict], int]:
    return lambda verdict: order[verdict.correct]


def _judge_by(name: str, given: Any, expected: Outcome, found: Outcome) -> Verdict:
    if name == "and":
        return judge(given, expected, found)
    if name == "or":
        verdicts = [_judge_by(each, config, expected, found) for each, config in given.items()]
        return max(verdicts, key=_rank({"no": 0, "partial": 1, "yes": 2}))
    return _VALIDATORS[name](given, expected, found)


def _compare(compares: tuple[Compare, Compare], expected: Any, found: Any, what: str) -> Verdict:
    for compare, verdict in zip(
        compares, (YES, Verdict("partial", f"{what} differs in form: order, names, types or extent.")), strict=True
    ):
        try:
            if compare(expected, found):
                return verdict
        except Exception:  # whatever the objects raise when they are compared
            continue
    return Verdict("no", f"{what} is not the expected one: {_brief(found)} instead of {_brief(expected)}.")


def _brief(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else f"{text[:79]}…"


# --- the validators ----------------------------------------------------------------------------------------------


def _crash(given: Any, expected: Outcome, found: Outcome) -> Verdict:
    if not found.error:
        return YES
    if _names(found.source, expected.value):
        return Verdict("partial", "The last step raised, though its code names the result.")
    return Verdict("no", f"The last step raised {found.error}")


def _namespace_intact(given: Mapping[str, Any] | None, expected: Outcome, found: Outcome) -> Verdict:
    allowed: dict[str, Any] = {"addition": True, **(given or {})}
    merged = allowed.get("treat_replacement_as_update", allowed.get("replacement") is None)
    kinds = {"added": "addition", "updated": "update", "replaced": "replacement", "deleted": "deletion"}
    by_reference = _merge(expected.changes) if merged else expected.changes
    for name, kind in (_merge(found.changes) if merged else found.changes).items():
        rule = allowed.get(kinds[kind])
        if rule is None:
            rule = [each for each, other in by_reference.items() if other == kind]
        if rule is False or (isinstance(rule, list) and name not in rule):
            return Verdict("no", f"`{name}` was {kind}, which the task does not ask for.")
    return YES


def _merge(changes: Mapping[str, str]) -> dict[str, str]:
    return {name: "updated" if kind == "replaced" else kind for name, kind in changes.items()}


def _result(given: Any, expected: Outcome, found: Outcome) -> Verdict:
    if expected.value is None:
        return YES
    compares = comparer(given["compare_fn"] if isinstance(given, dict) and "compare_fn" in given else given)
    if found.value is not None:
        return _compare(compares, expected.value, found.value, "The result")
    if _names(found.source, expected.value) or _names(found.said, expected.value):
        return Verdict("partial", "The result is written out, not returned.")
    shown = list(_shown(found.source, found.namespace))
    together = [tuple(shown), shown] if len(shown) > 1 else []
    for value in (*reversed(shown), *together):
        if _compare(compares, expected.value, value, "").correct != "no":
            return Verdict("partial", "The result is printed or assigned, not returned.")
    return Verdict("no", "There is no result.")


def _names(text: str, value: Any) -> bool:
    """Return True if a text has the value as a word of its own."""
    written = str(value)
    return value is not None and bool(re.search(rf"(?<!\w){re.escape(written)}(?!\w)", text))


def _shown(source: str, namespace: Mapping[str, Any]) -> Iterator[Any]:
    """Yield what the code's own `print` calls print; without any, the value of the name that it assigns last."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return
    calls = [line.value for line in body if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)]
    printed = [each for call in calls if ast.unparse(call.func) == "print" for each in call.args]
    targets = [line.targets[0] for line in body if isinstance(line, ast.Assign)]
    targets += [line.target for line in body if isinstance(line, ast.AugAssign | ast.AnnAssign)]
    for shown in [part for each in printed for part in _expressions(each)] or targets[-1:]:
        while not printed and isinstance(shown, ast.Attribute | ast.Subscript):
            shown = shown.value
        try:
            yield eval(compile(ast.unparse(shown), "<shown>", "eval"), dict(namespace))
        except Exception:  # whatever the code raises when it runs once more
            continue


def _expressions(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the expressions in a printed argument that are no constants; those within an f-string apart."""
    if isinstance(node, ast.JoinedStr):
        yield from (part.value for part in node.values if isinstance(part, ast.FormattedValue))
    elif not isinstance(node, ast.Constant):
        yield node


def _namespace_check(given: Mapping[str, Any], expected: Outcome, found: Outcome) -> Verdict:
    verdicts = [
        _compare(comparer(config), expected.namespace[name], found.namespace[name], f"`{name}`")
        if name in found.namespace
        else Verdict("no", f"There is no `{name}`.")
        for name, config in given.items()
    ]
    return min(verdicts, key=_rank({"no": 0, "partial": 1, "yes": 2}))


def _stream(given: Any, expected: Outcome, found: Outcome) -> Verdict:
    return YES if found.printed == expected.printed else Verdict("no", "What it prints is not the expected text.")


def _table_test(given: Mapping[str, Any], expected: Outcome, found: Outcome) -> Verdict:
    name = given["function_name"]
    if name not in found.namespace:
        return Verdict("no", f"There is no function `{name}`.")
    checks_input = given.get("input_checker") is not False
    inputs = given.get("input_checker")
    for_input = comparer(None if isinstance(inputs, bool) else inputs)
    for_output = comparer(given.get("output_checker"))
    for case in _cases(given["test_cases"]):
        (ours, theirs), outputs = (copies({"": case})[""] for _ in range(2)), []
        for function, arguments in ((expected.namespace[name], theirs), (found.namespace[name], ours)):
            try:
                outputs.append(function(**arguments) if isinstance(arguments, dict) else function(*arguments))
            except Exception as error:
                if function is expected.namespace[name]:
                    raise
                return Verdict("no", f"`{name}` raises {type(error).__name__}: {_brief(error)}")
        verdict = _compare(for_input, theirs, ours, f"An argument of `{name}`") if checks_input else YES
        verdict = verdict if verdict.correct != "yes" else _compare(for_output, *outputs, f"What `{name}` returns")
        if verdict.correct != "yes":
            return verdict
    return YES


def _cases(given: list[Any]) -> Iterator[Any]:
    """Yield the arguments of each call; `//` makes the case before it once more, with other random numbers."""
    import numpy as np

    last: Any = None
    for number, case in enumerate(given):
        random.seed(number)
        np.random.seed(number)
        last = last if case == "//" else case
        yield _arguments(last)


def _arguments(case: Any) -> Any:
    """Return arguments as they are written: a value, `code` of one, or a block that defines or generates them."""
    import numpy as np
    import pandas as pd

    if isinstance(case, list):
        return tuple(_arguments(each) for each in case)
    if not isinstance(case, str):
        return case
    scope: dict[str, Any] = {"pd": pd, "np": np, "random": random}
    block = re.fullmatch(r"```\n(.*)```", case.strip(), re.DOTALL)
    if block:
        exec(compile(block[1], "<test case>", "exec"), scope)
        return scope["_test_case"] if "_test_case" in scope else scope["_generate"]()
    code = re.fullmatch(r"`(.*)`", case, re.DOTALL)
    return eval(compile(code[1], "<test case>", "eval"), scope) if code else case


def _model(given: Mapping[str, Any], expected: Outcome, found: Outcome) -> Verdict:
    name = given["model_name"]
    if name not in found.namespace:
        return Verdict("no", f"There is no model `{name}`.")
    inputs, labels = (expected.namespace[given[part]] for part in ("inputs_name", "labels_name"))
    metrics, tolerances = given["metric_type"], given.get("tolerance", 0.0)
    metrics = metrics if isinstance(metrics, list) else [metrics]
    tolerances = tolerances if isinstance(tolerances, list) else [tolerances] * len(metrics)
    predicted = expected.namespace[name].predict(inputs)
    try:
        ours = found.namespace[name].predict(inputs)
        for metric, tolerance in zip(metrics, tolerances, strict=True):
            reached, wanted = _score(metric, labels, ours), _score(metric, labels, predicted)
            bound = (1 + tolerance) * wanted
            if (
                (abs(reached - wanted) > 1e-5 * abs(wanted) + 1e-8)
                if not tolerance
                else (reached - bound) * tolerance > 0
            ):
                return Verdict("no", f"`{name}` reaches {metric} {reached:.4g}, the reference {wanted:.4g}.")
    except Exception as error:
        return Verdict("no", f"`{name}` raises {type(error).__name__}: {_brief(error)}")
    return YES


def _score(metric: str, labels: Any, predicted: Any) -> float:
    from sklearn import metrics

    names = {"mse": "mean_squared_error", "rmse": "mean_squared_error", "accuracy": "accuracy_score", "r2": "r2_score"}
    score = float(getattr(metrics, names.get(metric, f"{metric}_score"))(labels, predicted))
    return score**0.5 if metric == "rmse" else score


_VALIDATORS: dict[str, Callable[[Any, Outcome, Outcome], Verdict]] = {
    "crash": _crash,
    "namespace_intact": _namespace_intact,
    "result": _result,
    "namespace_check": _namespace_check,
    "stream": _stream,
    "table_test": _table_test,
    "model": _model,
}
