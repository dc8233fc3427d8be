"""The chat templates in llama.cpp's source, which pip fetches, against the whole text as Jinja renders it."""

from __future__ import annotations

import pytest

from benchmarks.templates import BEGIN, END, PAGE, VOCABULARIES, differ_with, row_of, templates, to_markdown

#: They fail without a list of functions; no model has one of them alone.
FOR_FUNCTIONS_ONLY = {
    "CohereForAI-c4ai-command-r-plus-tool_use",
    "fireworks-ai-llama-3-firefunction-v2",
    "NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use",
    "NousResearch-Hermes-3-Llama-3.1-8B-tool_use",
}


def test_every_template_gives_the_prompts_of_the_full_rendering_or_is_refused() -> None:
    rows = [row_of(name, source) for name, source in templates().items()]
    assert len(rows) == 70
    assert {row.name for row in rows if row.spoken == "refused"} == FOR_FUNCTIONS_ONLY
    assert [row.name for row in rows if row.equal is False] == []
    page = PAGE.read_text(encoding="utf-8")
    assert page.partition(BEGIN)[2].partition(END)[0] == to_markdown(rows), "python -m benchmarks.templates --write"


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_prompts_are_those_of_the_full_rendering_with_the_tokens_of_a_real_vocabulary(vocabulary: str) -> None:
    assert differ_with(vocabulary, VOCABULARIES[vocabulary]) == []
