"""A preprocessor of nbconvert: questions and answers as text, the steps that ran as code.

`jupyter nbconvert --to html --Exporter.preprocessors=codeact_jupyter.notebook.document.AsDocument NOTEBOOK`
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from traitlets import Unicode

from ..config import CodeAct
from .account import account_of
from .plan import plan, ran
from .sources import own_journals


class AsDocument(Preprocessor):
    """Writes `%%codeact` cells as Markdown, with their answers below their steps."""

    journals = Unicode("", help="Folder of the conversations' journals, if you have set `journal_dir`.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Convert a notebook.

        Args:
            nb: The notebook.
            resources: Of nbconvert, with the folder and the name of the file.

        Returns:
            The notebook to export, and the resources.
        """
        about = resources.get("metadata", {})
        path = Path(about.get("path") or ".").absolute() / f"{about.get('name') or 'notebook'}.ipynb"
        account = account_of(path, nb, own_journals(path, Path(self.journals) if self.journals else CodeAct().journals))
        for reason in account.unread:
            self.log.warning("Not read: %s", reason)
        document, _ = plan(account, ran, lambda cell: False)
        document.metadata = nb.metadata  # with the state of the user's own widgets
        return document, resources
