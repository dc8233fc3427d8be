"""Count how often a local model tells right whether a task wants an object changed (`agent.requested_changes`).

    python -m benchmarks.changes_asked [--model NAME] [--set first|second]

The examples in `changing.md`, its words and the threshold were chosen on the first set. The second set was written
afterwards and run once.
"""

from __future__ import annotations

import argparse

from codeact_jupyter.agent.requested_changes import LEAST, RequestedChanges
from codeact_jupyter.engines.llama import LlamaEngine
from codeact_jupyter.models.catalogue import DEFAULT_MODEL
from codeact_jupyter.models.store import locate
from codeact_jupyter.session.messages import Prompt

CHANGE, LOOK = True, False
Task = tuple[str, str, bool]
FIRST: tuple[Task, ...] = (
    ("bees", "Which keeper has harvested most honey?", LOOK),
    ("bees", "Convert day to dates and tell me the month with the highest harvest.", LOOK),
    ("bees", "How many kilograms are missing if you leave out hive 3?", LOOK),
    ("bees", "Plot the harvest of each hive over time, in pounds.", LOOK),
    ("loans", "What share of the loans is from members born before 1960?", LOOK),
    ("loans", "Add up the fines by branch and sort them, largest first.", LOOK),
    ("loans", "Remove the loans that are not back yet. How long is a loan on average then?", LOOK),
    ("loans", "Merge the two tables and name the town with the most loans.", LOOK),
    ("meter", "At which hour of the day is most electricity used?", LOOK),
    ("meter", "Wie hoch war der Verbrauch im Februar?", LOOK),
    ("trees", "Clean up the states first; how many trees are in a good state?", LOOK),
    ("trees", "Replace the negative heights by the median: what is the mean height then?", LOOK),
    ("stock", "Which parts are out of stock?", LOOK),
    ("grades", "Sort the grades and show the best three.", LOOK),
    ("clinic", "Round the pulse to tens and count the visits for each value.", LOOK),
    ("bees", "Turn the column day of bees into real dates.", CHANGE),
    ("bees", "Add a column lb with the harvest in pounds.", CHANGE),
    ("bees", "Fill the gaps in kg with 0.", CHANGE),
    ("loans", "Drop all loans of the branch that was closed, 'West'.", CHANGE),
    ("loans", "Bring the town of each member into loans as a new column.", CHANGE),
    ("loans", "Rename out to lent and back to returned.", CHANGE),
    ("meter", "Set `at` as the index of meter, as timestamps.", CHANGE),
    ("meter", "Ersetze in meter alle Werte über 9 durch 9.", CHANGE),
    ("trees", "Clean the column state: lower case, no blanks.", CHANGE),
    ("trees", "Delete the trees with a height below 0 from the table.", CHANGE),
    ("trees", "Please correct the height of the tree in row 17 to 12.5.", CHANGE),
    ("stock", "Take 10 bolts out of the stock and add 50 pins.", CHANGE),
    ("grades", "Append a 1.7 to the grades.", CHANGE),
    ("clinic", "Cast drug in clinic to a categorical column.", CHANGE),
    ("clinic", "Keep only visits since 2020 in clinic and order it by visit.", CHANGE),
)
SECOND: tuple[Task, ...] = (
    ("flights", "What was the longest delay out of Oslo?", LOOK),
    ("flights", "Express the delays in hours and give the upper decile.", LOOK),
    ("flights", "Ignoring cancelled ones, which carrier is most punctual?", LOOK),
    ("flights", "Is there a correlation between distance and delay?", LOOK),
    ("wines", "Group the wines by country, then list the three best rated groups.", LOOK),
    ("wines", "Strip the currency from price and tell me the average.", LOOK),
    ("wines", "Combien de vins coûtent plus de 20 euros ?", LOOK),
    ("wines", "Deduplicate by name: how many distinct wines are left?", LOOK),
    ("survey", "Make a bar chart of the answers to q3.", LOOK),
    ("survey", "If the missing ages were filled with the median, what would the mean be?", LOOK),
    ("survey", "Show me the first ten rows ordered by income.", LOOK),
    ("signal", "Smooth the signal with a window of five and find its peak.", LOOK),
    ("signal", "Normalise it to a maximum of 1; where does it cross 0.5?", LOOK),
    ("config", "Which keys of config are set to None?", LOOK),
    ("employees", "Join departments and report the head count for each manager.", LOOK),
    ("flights", "Get rid of the column tail_number.", CHANGE),
    ("flights", "From now on I want delay in hours in this table.", CHANGE),
    ("flights", "Make departure a proper timestamp column.", CHANGE),
    ("flights", "Change every negative delay to zero.", CHANGE),
    ("wines", "Strip the currency sign from price and store it as a number.", CHANGE),
    ("wines", "Supprime les doublons de wines.", CHANGE),
    ("wines", "Set the rating of 'Clos Neuf' to 91.", CHANGE),
    ("wines", "Put the columns into alphabetical order.", CHANGE),
    ("survey", "Impute missing ages in survey with the median.", CHANGE),
    ("survey", "Recode q3 in place: yes to 1, no to 0.", CHANGE),
    ("survey", "Limit survey to people over 18.", CHANGE),
    ("signal", "Scale signal so that its maximum is 1.", CHANGE),
    ("config", "Switch debug on in config and remove the key proxy.", CHANGE),
    ("employees", "Give everyone in sales a raise of 3 percent.", CHANGE),
    ("employees", "Insert a new employee: Ana Ruiz, legal, 48000.", CHANGE),
)


def main() -> None:
    """Ask, and print the odds of each task, the wrong ones marked, and the sum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--set", choices=("first", "second"), default="second", dest="which")
    arguments = parser.parse_args()
    model, path = locate(arguments.model)
    engine, tasks, right = LlamaEngine(path, name=model.name), FIRST if arguments.which == "first" else SECOND, 0
    for name, task, is_change in tasks:
        odds = RequestedChanges(engine, [Prompt(task)]).odds(name)
        is_right = (odds >= LEAST) == is_change
        right += is_right
        print(f"{odds:6.2f} {'change' if is_change else 'look'}{'' if is_right else ' WRONG'}: {task}", flush=True)
    print(f"{right} of {len(tasks)} right, {model.name}, from {LEAST} on")


if __name__ == "__main__":
    main()
