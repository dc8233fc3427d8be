"""The chat in the sidebar: the same conversation as in the notebook."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from .browsing import Visit, step
from .chat import Chat

pytestmark = pytest.mark.browser

COUNT = step("count = len(points)\ncount", "I count the points.")
ANSWER = "There are 3 points."
NOT_LOADED = "import scripted\nscripted.play()\npoints = [3, 4, 5]"


def test_a_question_in_the_chat_loads_codeact_and_is_answered(lab: Visit) -> None:
    notebook = lab.notebook(setup=NOT_LOADED, replies=[COUNT, ANSWER])
    chat = Chat(notebook.page)
    chat.say("How many points are there?")
    expect(chat.panel).to_contain_text("How many points are there?")
    expect(chat.panel).to_contain_text("I count the points.")
    expect(chat.card("waits")).to_contain_text("count = len(points)")
    expect(notebook.staged).to_have_count(1)
    expect(notebook.cells.nth(2)).to_contain_text("count = len(points)")  # below the selected cell
    chat.run.click()
    expect(chat.panel).to_contain_text(ANSWER)
    expect(chat.card("done")).to_have_count(1)
    expect(notebook.marks).to_contain_text("approved as proposed")
    expect(notebook.output("count = len")).to_have_text("3")
    assert "points" in notebook.prompts[0][-1]


def test_the_users_own_load_ext_is_silent_after_the_chat_has_loaded_codeact(lab: Visit) -> None:
    notebook = lab.notebook("%load_ext codeact_jupyter", setup=NOT_LOADED, replies=[COUNT, ANSWER])
    chat = Chat(notebook.page)
    chat.say("How many points are there?")
    expect(chat.card("waits")).to_be_visible()
    notebook.run(notebook.cell("%load_ext"))
    expect(notebook.output("%load_ext")).to_have_count(0)
    expect(chat.card("waits")).to_be_visible()
    notebook.control(1, "Run").click()
    expect(chat.panel).to_contain_text(ANSWER)


def test_a_question_by_magic_shows_in_the_chat_and_can_be_rejected_there(lab: Visit) -> None:
    notebook = lab.notebook(
        "%%codeact\nCount the points",
        setup=f"{NOT_LOADED}\n%load_ext codeact_jupyter",
        replies=[COUNT, step("n = 3"), ANSWER],
    )
    chat = Chat(notebook.page)
    notebook.run(1)
    card = chat.card("waits")
    expect(card).to_contain_text("count = len(points)")
    card.get_by_role("button", name="Reject…", exact=True).click()
    card.get_by_role("textbox", name="Reason").fill("Call it n.")
    card.get_by_role("button", name="Send", exact=True).click()
    expect(chat.card("rejected")).to_have_count(1)
    expect(notebook.bar(2)).to_be_visible()
    expect(chat.card("waits")).to_contain_text("n = 3")
    assert "Call it n." in notebook.prompts[1][-1]


def test_edit_in_notebook_puts_the_cursor_into_the_step(lab: Visit) -> None:
    notebook = lab.notebook(setup=NOT_LOADED, replies=[COUNT, ANSWER])
    chat = Chat(notebook.page)
    chat.say("How many points are there?")
    chat.card("waits").get_by_role("button", name="Edit in notebook", exact=True).click()
    expect(notebook.staged.locator(".cm-content")).to_be_focused()
    notebook.keys.press("ControlOrMeta+a")
    notebook.keys.type("count = 30\ncount")
    expect(notebook.bar(1)).to_contain_text("edited")
    chat.run.click()
    expect(chat.card("done")).to_contain_text("count = 30")
    expect(chat.panel).to_contain_text(ANSWER)


def test_slash_commands_do_what_they_say(lab: Visit) -> None:
    notebook = lab.notebook(setup=NOT_LOADED, replies=[COUNT, "Again: 3."])
    chat = Chat(notebook.page)
    chat.say("/help")
    expect(chat.panel).to_contain_text("Begin a new conversation")
    chat.say("How many points are there?")
    expect(chat.card("waits")).to_be_visible()
    chat.say("/stop")
    expect(chat.card("stopped").or_(chat.card("left"))).to_have_count(1)
    expect(notebook.staged).to_have_count(0)
    chat.say("/model")
    expect(chat.panel).to_contain_text("qwen2.5-coder-0.5b")
    chat.say("/mode nonsense")
    expect(chat.panel).to_contain_text("ask or auto")
    chat.say("/reset")
    expect(chat.panel).not_to_contain_text("How many points are there?")
    chat.say("How many are there now?")
    expect(chat.panel).to_contain_text("Again: 3.")


def test_an_at_sign_offers_the_names_of_the_kernel(lab: Visit) -> None:
    notebook = lab.notebook(setup=f"{NOT_LOADED}\npoint_names = 'abc'\n%load_ext codeact_jupyter", replies=["Three."])
    chat = Chat(notebook.page)
    chat.input.click()
    notebook.keys.type("What is in @point_n")
    offer = notebook.page.get_by_role("option", name="@point_names")
    expect(offer).to_be_visible()
    offer.click()
    notebook.keys.type("?")
    notebook.keys.press("Enter")
    expect(chat.panel).to_contain_text("Three.")
    assert "What is in point_names" in notebook.prompts[0][-1]


def test_explain_asks_about_the_selected_cell_and_fix_about_the_last_error(lab: Visit) -> None:
    notebook = lab.notebook(
        "half = 1 / 2\nhalf", "1 / 0", setup=NOT_LOADED, replies=["It divides.", "Divide by another number."]
    )
    notebook.run(1)
    notebook.run(2)
    chat = Chat(notebook.page)
    notebook.cell("half =").locator(".jp-InputPrompt").click()
    chat.say("/explain")
    expect(chat.panel).to_contain_text("It divides.")
    assert "half = 1 / 2\nhalf\n```\n\n0.5" in notebook.prompts[0][-1]
    chat.say("/fix")
    expect(chat.panel).to_contain_text("Divide by another number.")
    assert "ZeroDivisionError" in notebook.prompts[1][-1]


def test_a_fix_that_is_asked_for_while_the_model_works_is_shown_at_once_and_follows(lab: Visit) -> None:
    notebook = lab.notebook("1 / 0", setup=NOT_LOADED, replies=[["It is", " a half."], "Divide by another number."])
    failed = notebook.run(1)
    chat = Chat(notebook.page)
    chat.say("What is one divided by two?")
    expect(chat.panel).to_contain_text("It is")
    chat.say("/fix without zero")
    outgoing = chat.panel.locator(".jp-CodeAct-outgoing")
    expect(outgoing).to_contain_text("/fix without zero")
    expect(outgoing).to_contain_text("Next in line")
    lab.pictures("fix-in-line")
    notebook.release()
    expect(chat.panel).to_contain_text("Divide by another number.")
    expect(outgoing).to_have_count(0)
    asked = notebook.prompts[1][-1]
    assert "without zero" in asked and "ZeroDivisionError" in asked
    failed.get_by_role("button", name="Ask about this output").click()
    expect(chat.input).to_be_focused()
    expect(chat.input).to_have_value("@cell2 ")


def test_a_page_of_another_version_is_told_to_reload(lab: Visit) -> None:
    older = "import codeact_jupyter.notebook.lab_service as live\nlive.version = lambda name: '0.0.1'"
    notebook = lab.notebook(setup=f"{NOT_LOADED}\n{older}", replies=["Three."])
    chat = Chat(notebook.page)
    notice = notebook.page.locator(".Toastify__toast", has_text="reload the page")
    expect(notice).to_contain_text("and the kernel version 0.0.1: reload the page")
    lab.pictures("other-version")
    notice.get_by_role("button", name="Show all of it").click()  # JupyterLab cuts long notifications
    dialog = notebook.page.get_by_role("dialog")
    expect(dialog).to_contain_text("install the same version of codeact-jupyter for JupyterLab and for the kernel.")
    dialog.get_by_role("button").first.click()
    notice.get_by_role("button", name="Hide notification").click()
    expect(notice).to_have_count(0)
    chat.say("How many points are there?")
    expect(chat.panel).to_contain_text("Three.")  # it works as far as it can


def test_a_mentioned_cell_goes_to_the_model_with_its_output(lab: Visit) -> None:
    notebook = lab.notebook("half = 1 / 2\nhalf", setup=NOT_LOADED, replies=["One half."])
    notebook.run(1)
    chat = Chat(notebook.page)
    chat.input.click()
    notebook.keys.type("What is in @cell")
    notebook.page.get_by_role("option", name="@cell2").click()
    notebook.keys.press("Enter")
    expect(chat.panel).to_contain_text("One half.")
    assert "half = 1 / 2\nhalf\n```\n\n0.5" in notebook.prompts[0][-1]


#: Downloads that stand at 42 % until the file `go` is there, and then end as `ENDING` says.
DOWNLOADS = """
import pathlib, threading, time, codeact_jupyter.notebook.lab_service as live
from codeact_jupyter.models.background import Progress
class Download:
    def __init__(self, model, show, *, offline=False):
        self.model, self._show, self._paused = model, show, False
        threading.Thread(target=self._follow, daemon=True).start()
    def pause(self):
        self._paused = True
    def cancel(self):
        self._paused = True
    def _follow(self):
        while not self._paused and not pathlib.Path("go").exists():
            self._show(Progress(self.model.name, "running", "42 %", 0.42))
            time.sleep(0.1)
        if self._paused:
            self._show(Progress(self.model.name, "paused", "paused at 42 %"))
        else:
            self._show(Progress(self.model.name, *ENDING))
live.Download, live.path_of = Download, lambda model: pathlib.Path("none")
"""


def model_picker(chat: Chat) -> Locator:
    """Return the list of models, once it says what a download would be."""
    picker = chat.panel.get_by_label("Model", exact=True)
    expect(picker.locator("option", has_text="qwen2.5-coder-0.5b (downloads 0.5 GB")).to_have_count(1)
    return picker


def test_the_picker_asks_fetches_pauses_and_switches(lab: Visit) -> None:
    scripted = f"{DOWNLOADS}\nENDING = 'done', ''"
    notebook = lab.notebook(setup=NOT_LOADED + scripted, replies=["Three."])
    chat = Chat(notebook.page)
    picker = model_picker(chat)
    picker.select_option("qwen2.5-coder-0.5b")
    dialog = notebook.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Apache-2.0")
    dialog.get_by_role("button", name="Download").click()
    expect(chat.panel).to_contain_text("qwen2.5-coder-0.5b: 42 %")
    expect(chat.panel.locator(".jp-CodeAct-local")).to_have_text("local")  # and not offline now
    expect(chat.panel.get_by_role("progressbar")).to_have_attribute("value", "0.42")
    chat.panel.get_by_role("button", name="Cancel download").click()
    expect(chat.panel).not_to_contain_text("42 %")
    picker.select_option("qwen2.5-coder-0.5b")
    dialog.get_by_role("button", name="Download").click()
    chat.panel.get_by_role("button", name="Pause").click()
    expect(chat.panel).to_contain_text("paused at 42 %")
    expect(chat.panel.locator(".jp-CodeAct-local")).to_have_text("local · offline")
    chat.panel.get_by_role("button", name="Continue").click()
    expect(chat.panel.get_by_role("button", name="Pause")).to_be_visible()
    notebook.release()
    expect(chat.panel).not_to_contain_text("42 %")
    expect(picker).to_have_value("qwen2.5-coder-0.5b")


def test_a_download_that_fails_says_why_and_the_model_before_stays(lab: Visit) -> None:
    scripted = f"{DOWNLOADS}\nENDING = 'failed', 'the disk is full: 0.5 GB are needed'"
    notebook = lab.notebook(setup=NOT_LOADED + scripted, replies=["Three."])
    chat = Chat(notebook.page)
    picker = model_picker(chat)
    before = picker.input_value()
    picker.select_option("qwen2.5-coder-0.5b")
    notebook.page.get_by_role("dialog").get_by_role("button", name="Download").click()
    expect(chat.panel).to_contain_text("qwen2.5-coder-0.5b: 42 %")
    notebook.release()
    expect(chat.panel).to_contain_text("the disk is full: 0.5 GB are needed")
    expect(picker).to_have_value(before)
    lab.pictures("download-failed")
    chat.say("How many points are there?")
    expect(chat.panel).to_contain_text("Three.")


def test_fix_with_codeact_asks_about_the_error(lab: Visit) -> None:
    notebook = lab.notebook("points = [3, 4, 5]\npoinst", replies=[step("points"), "It was a typo."])
    failed = notebook.run(1)
    expect(failed).to_contain_text("NameError")
    failed.get_by_role("button", name="Fix with CodeAct").click()
    expect(notebook.bar(1)).to_be_visible()
    assert "NameError: name 'poinst' is not defined" in notebook.prompts[0][-1]
    assert "points = [3, 4, 5]\npoinst" in notebook.prompts[0][-1]
    notebook.control(1, "Run").click()
    expect(Chat(notebook.page).panel).to_contain_text("It was a typo.")


def test_auto_mode_runs_the_steps_by_itself_once_it_is_confirmed(lab: Visit) -> None:
    notebook = lab.notebook(setup=NOT_LOADED, replies=[COUNT, ANSWER])
    chat = Chat(notebook.page)
    chat.say("/mode auto")
    notebook.page.get_by_role("dialog").get_by_role("button", name="Run without asking").click()
    expect(chat.panel.locator(".jp-CodeAct-mode")).to_contain_text("auto")
    chat.say("How many points are there?")
    expect(chat.panel).to_contain_text(ANSWER)
    expect(notebook.output("count = len")).to_have_text("3")
    expect(chat.card("done")).to_have_count(1)


def test_the_chat_says_how_the_conversation_stands(lab: Visit) -> None:
    notebook = lab.notebook(setup=NOT_LOADED, replies=[["I count", " the points.\n```python\ncount = 3\n```"], ANSWER])
    chat = Chat(notebook.page)
    status = notebook.page.locator(".jp-CodeAct-status")
    chat.say("How many points are there?")
    expect(status).to_contain_text("thinking")
    expect(chat.panel).to_contain_text("I count")
    notebook.release()
    expect(status).to_contain_text("waits for you")
    expect(chat.panel.locator(".jp-CodeAct-gauge")).to_contain_text("%")
    expect(chat.panel.locator(".jp-CodeAct-model")).to_be_visible()
    expect(notebook.page.locator(".jp-CodeAct-live")).to_contain_text("waits")
    chat.run.click()
    expect(status).to_contain_text("idle")


def test_without_a_notebook_the_chat_offers_one(lab: Visit) -> None:
    page = lab.tab(f"{lab.server.url}/lab/workspaces/{lab.name}?token={lab.server.token}")
    expect(page.locator(".jp-Launcher")).to_be_visible()
    empty = Chat(page).panel.locator(".jp-CodeAct-empty")
    expect(empty).to_be_visible()
    empty.get_by_role("button").click()
    expect(page.locator(".jp-NotebookPanel")).to_be_visible()
    expect(empty).to_be_hidden()


def test_the_settings_page_shows_codeact_and_asks_before_auto_mode(lab: Visit) -> None:
    notebook = lab.notebook()
    mode = Chat(notebook.page).panel.locator(".jp-CodeAct-mode")
    notebook.menu("Settings", "Settings Editor")
    settings = notebook.page.locator("#setting-editor")
    settings.locator(".jp-PluginList-entry", has_text="CodeAct").click()
    expect(settings).to_contain_text("Steps for one question")
    expect(settings).to_contain_text("each step waits for your approval")
    dialog = notebook.page.get_by_role("dialog")
    approval = settings.locator("select").filter(has_text="Auto: steps run at once, within the limits")
    approval.select_option(label="Auto: steps run at once, within the limits")
    expect(dialog).to_contain_text("runs steps in analysis.ipynb at once")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(mode.locator("option:checked")).to_contain_text("ask")


def test_where_the_text_goes_is_told_in_every_place(lab: Visit) -> None:
    server = "get_ipython().config.CodeAct.server = 'https://models.example.org/v1'"
    notebook = lab.notebook(setup=f"{NOT_LOADED}\n{server}", replies=[COUNT, ANSWER])
    chat = Chat(notebook.page)
    chat.say("How many points are there?")
    expect(chat.card("waits")).to_contain_text("sent to models.example.org")
    expect(notebook.bar(1)).to_contain_text("sent to models.example.org")
    expect(notebook.page.locator(".jp-CodeAct-status")).to_contain_text("sent to models.example.org")
    expect(chat.panel.locator(".jp-CodeAct-footer")).to_contain_text("sent to models.example.org")
    expect(chat.panel).not_to_contain_text("local")
    head = chat.card("waits").locator(".jp-CodeAct-card-head")
    expect(head).to_have_js_property("scrollWidth", head.evaluate("it => it.clientWidth"))  # no word is cut
    lab.pictures("host")
    chat.run.click()
    expect(chat.panel).to_contain_text(ANSWER)


def test_a_setting_reaches_the_kernel_and_so_does_its_removal(lab: Visit) -> None:
    shown = "import gc\n{each.in_force.max_turns for each in gc.get_objects() if type(each).__name__ == 'Settings'}"
    notebook = lab.notebook(shown, replies=["Three."])
    page, chat = notebook.page, Chat(notebook.page)

    def output() -> str:
        page.get_by_role("tab", name="analysis.ipynb").click()
        return notebook.run(1).locator(".jp-OutputArea-output").inner_text().strip()

    def until(text: str) -> None:
        """Run the cell again until the kernel has heard of the setting."""
        for _ in range(20):
            if output() == text:
                return
            page.wait_for_timeout(500)
        raise AssertionError(f"{output()} is not {text}")

    chat.say("How many points are there?")
    expect(chat.panel).to_contain_text("Three.")
    before = output()
    notebook.menu("Settings", "Settings Editor")
    settings = page.locator("#setting-editor")
    settings.locator(".jp-PluginList-entry", has_text="CodeAct").click()
    turns = settings.locator("input[id$='_maxTurns']")
    with page.expect_response(lambda reply: "/api/settings/" in reply.url and reply.request.method == "PUT"):
        turns.fill("3")
    lab.pictures("setting")
    until("{3}")
    page.get_by_role("tab", name="Settings").click()
    with page.expect_response(lambda reply: "/api/settings/" in reply.url and reply.request.method == "PUT"):
        turns.fill("")
    until(before)
