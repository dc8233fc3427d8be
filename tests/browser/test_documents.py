"""A notebook with questions and answers as a page that is printed, and so as a PDF."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_output
from playwright.sync_api import Browser, expect
from traitlets.config import Config

from ..books import book, cell_of, own, shown

AS_DOCUMENT = Config({"Exporter": {"preprocessors": ["codeact_jupyter.notebook.document.AsDocument"]}})


@pytest.mark.parametrize("config", [Config(), AS_DOCUMENT], ids=["as it is", "as a document"])
def test_a_printed_notebook_has_question_step_and_answer(browser: Browser, tmp_path: Path, config: Config) -> None:
    told = {"text/plain": "CodeAct · Answered (qwen)\n\nIt is 12.", "text/html": "<pre>It is 12.</pre>"}
    panel = new_output("display_data", told, metadata={"codeact": {"answer": "It is 12."}})
    asks = new_code_cell("%%codeact\nThe sum of all of them?", outputs=[panel], execution_count=2)
    path = book(tmp_path / "book.ipynb", [own("points = [3, 4, 5]"), asks, cell_of("a1", "sum(points)", shown("12"))])
    html, _ = HTMLExporter(config=config).from_filename(str(path))
    (tmp_path / "book.html").write_text(html, encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "book.html").as_uri(), wait_until="commit")
    page.emulate_media(media="print")
    for text in ("points = [3, 4, 5]", "The sum of all of them?", "sum(points)", "It is 12."):
        expect(page.get_by_text(text).filter(visible=True).first).to_be_visible()
    pdf = page.pdf()
    assert pdf.startswith(b"%PDF") and b"/Type /Page" in pdf
    page.close()
