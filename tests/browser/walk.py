"""A new user's walk with the default model: read a file, ask, plot, undo, and ask about the plot."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from .browsing import Visit
from .chat import Chat
from .notebook import Notebook

Look = Callable[[Notebook, str], None]  #: is told what is to be seen now

PATIENCE = 240_000  #: milliseconds for one reply
PRICES = {
    "Aarhus": ("1.310,00", "410,25"),
    "Köln": ("1.234,50", "2.150,00", "87,60"),
    "Málaga": ("1.875,75", "640,10"),
    "Zürich": ("980,00", "1.020,40", "560,00"),
}
READ = "Read sales.csv. Which city sold most in total, and for how much?"
PLOT = "Plot the total price of each city as a bar chart."
ABOUT = "Which city has the highest bar?"
#: Köln's total as people and programs write it: 3472.1, 3,472.10, 3.472,10
TOTAL = re.compile(r"(?<![\d.,])3[.,'’\s]?472[.,]10?(?!\d)")
REMOVED = re.compile(r"is undone: (.+) (?:is|are) removed")


def sales() -> bytes:
    """Return a file as a spreadsheet in Europe saves it: semicolons, decimal commas, days first, code page 1252."""
    rows = [(city, price) for turn in range(3) for city, prices in PRICES.items() for price in prices[turn : turn + 1]]
    lines = [f"{day:02d}.03.2024;{city};{price}\n" for day, (city, price) in enumerate(rows, 4)]
    return ("date;city;price\n" + "".join(lines)).encode("cp1252")


def walk(visit: Visit, look: Look = lambda notebook, what: None) -> None:
    """Take the walk, and check what is to be seen on it: the right city and its total, the plot, no error.

    Args:
        visit: A visit to a server whose kernels have the default model.
        look: Called where there is something to see.
    """
    path = visit.write(setup="%load_ext codeact_jupyter")
    (visit.server.work / path).with_name("sales.csv").write_bytes(sales())
    notebook = visit.open(path)
    notebook.page.get_by_role("tab", name="File Browser").click()  # closes it
    notebook.run(0)
    chat = Chat(notebook.page)

    question = notebook.ask(READ)
    notebook.run_what_waits(PATIENCE)
    expect(question).to_contain_text("Köln")
    expect(question).to_contain_text(TOTAL)
    look(notebook, "answer")

    notebook.ask(PLOT)
    assert notebook.run_what_waits(PATIENCE) > 0
    plot = notebook.cells.filter(has=notebook.page.locator(".jp-OutputArea-output img"))
    expect(plot).to_have_count(1)
    plot.scroll_into_view_if_needed()
    look(notebook, "plot")

    notebook.panel.get_by_role("button", name="Undo", exact=True).last.click()
    undone = notebook.marks.filter(has_text=REMOVED)
    expect(undone).to_have_count(1)
    names = re.findall(r"\w+", "".join(REMOVED.findall(undone.inner_text())).replace(" and ", " "))
    assert notebook.value(f"{{*globals()}} & {set(names)}") == "set()"
    undone.scroll_into_view_if_needed()
    look(notebook, "undone")

    plot.get_by_role("button", name="Ask about this output").click()
    notebook.keys.type(ABOUT)
    notebook.keys.press("Enter")
    expect(notebook.status).not_to_contain_text("idle")
    notebook.run_what_waits(PATIENCE)
    expect(chat.replies.last).to_contain_text(re.compile("|".join(PRICES)))  # whichever: the model is small
    look(notebook, "asked")
    expect(notebook.panel.locator('[data-mime-type="application/vnd.jupyter.error"]')).to_have_count(0)
