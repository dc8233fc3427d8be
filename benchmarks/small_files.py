"""Ask a local model about small files, whose rows it could read by eye; count the right answers.

    python -m benchmarks.small_files [--model NAME] [--group seen apart new] [--seeds 0]

Most questions want something computed over the rows; some want one value, or only that a file is read. `seen` was
looked at while the agent was changed, `apart` only between two changes, `new` was written afterwards and run once. An
answer is right if it names what is asked for, no other of the names, and no figure that is not true.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from codeact_jupyter import solve
from codeact_jupyter.models.catalogue import DEFAULT_MODEL
from codeact_jupyter.session.quantities import values_in

SALES = """date;city;price
04.03.2024;Köln;1.234,50
05.03.2024;Zürich;980,00
06.03.2024;Besançon;410,25
07.03.2024;Köln;2.150,00
08.03.2024;Málaga;1.875,75
09.03.2024;Zürich;1.020,40
10.03.2024;Málaga;640,10
11.03.2024;Besançon;1.310,00
12.03.2024;Köln;87,60
13.03.2024;Zürich;560,00
"""
SHIFTS = "nurse,ward,hours\nIda,A,7.5\nPer,B,8\nIda,B,4.5\nLiv,A,12\nPer,A,6\nIda,A,9\nLiv,B,3\n"
TRIPS = """driver\tkm\tlitres
Moss\t120\t9.1
Reed\t310\t20.3
Moss\t250\t16.2
Reed\t40\t3.9
Fenn\t400\t23.0
Moss\t90\t7.4
"""
LAB = "sample,group,value\ns1,ctrl,4.1\ns2,drug,5.0\ns3,ctrl,3.7\ns4,drug,6.2\ns5,ctrl,8.9\ns6,drug,5.9\n"
BILLS = """invoice;customer;net;vat
1001;Abel;120,00;22,80
1002;Boyd;80,50;15,30
1003;Abel;45,20;8,59
1004;Cole;300,00;57,00
1005;Boyd;210,10;39,92
1006;Abel;99,99;19,00
"""
BEDS = """patient|ward|nights|fever
P01|North|4|yes
P02|South|11|no
P03|North|2|no
P04|East|7|yes
P05|South|1|yes
P06|North|9|no
"""
LOANS = """reader,title,days
Noor,Emma,14
June,Ulysses,30
Noor,Dune,21
Finn,Emma,7
June,Dune,3
Noor,Kim,9
Finn,Kim,28
"""
FILES = {
    "sales.csv": SALES.encode("cp1252"),
    "shifts.csv": SHIFTS.encode(),
    "trips.tsv": TRIPS.encode(),
    "lab.csv": LAB.encode(),
    "bills.csv": BILLS.encode(),
    "beds.txt": BEDS.encode(),
    "loans.csv": LOANS.encode(),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A question about one of the files."""

    group: str
    question: str
    names: str = ""  #: that the answer has to have, separated by blanks
    numbers: tuple[float, ...] = ()  #: that it has to have
    true: tuple[float, ...] = ()  #: that it may have as well
    others: str = ""  #: names that it must not have

    def is_right(self, answer: str | None) -> bool:
        """Check an answer; numbers within a hundredth."""
        said = values_in(answer or "")
        known = {*self.numbers, *self.true, *values_in(self.question)}
        return (
            answer is not None
            and all(re.search(rf"\b{name}\b", answer, re.IGNORECASE) for name in self.names.split())
            and not any(re.search(rf"\b{name}\b", answer) for name in self.others.split())
            and all(any(abs(value - number) <= 0.01 for value in said) for number in self.numbers)
            and all(any(abs(value - number) <= 0.01 for number in known) for value in said)
        )


CASES = (
    Case("seen", "Read sales.csv. Which city has the highest total price?", "Köln", (), (3472.10,), "Málaga Zürich"),
    Case("seen", "Read sales.csv. Which city has the lowest total price, and how much is it?", "Besançon", (1720.25,)),
    Case("seen", "Load shifts.csv. Which nurse worked the most hours in all?", "Ida", (), (21,), "Liv Per"),
    Case("seen", "Read trips.tsv. Who drove the most kilometres in total?", "Moss", (), (460,), "Reed Fenn"),
    Case("seen", "Read lab.csv and tell me which group has the higher mean value.", "drug", (), (5.7, 5.57)),
    Case("seen", "Read bills.csv. How much did Abel pay in total, net?", "", (265.19,)),
    Case("seen", "Read bills.csv. What is the VAT of invoice 1005?", "", (39.92,)),
    Case("seen", "Load shifts.csv. How many rows does it have?", "", (7,)),
    Case("apart", "Read shifts.csv. Which ward has fewer hours in all?", "B", (), (15.5, 34.5)),
    Case(
        "apart",
        "From trips.tsv: who uses the fewest litres per 100 km over all trips?",
        "Fenn",
        (),
        (5.75,),
        "Moss Reed",
    ),
    Case("apart", "Read lab.csv. What is the median value of the ctrl group?", "", (4.1,)),
    Case("apart", "Open bills.csv. Which customer has the most invoices?", "Abel", (), (3,), "Boyd Cole"),
    Case("apart", "Open bills.csv. Which customer has the highest total net?", "Cole", (), (300,), "Abel Boyd"),
    Case(
        "apart",
        "Read sales.csv. On which date was the single highest price, and in which city?",
        "Köln",
        (),
        (2150, 2024, 3, 7, 0),
    ),
    Case("apart", "Read sales.csv. How many sales were above 1000?", "", (5,)),
    Case("apart", "Read trips.tsv. How many litres did Fenn use?", "", (23,)),
    Case("apart", "Read shifts.csv into a table called shifts.", "", (), (7, 3)),
    Case("apart", "Read lab.csv. Which sample has the largest value?", "s5", (), (8.9, 5), "s1 s2 s3 s4 s6"),
    Case("new", "Read beds.txt. Which ward had the most nights in all?", "North", (), (15,), "South East"),
    Case("new", "Read beds.txt. How many nights did the patients with fever stay in total?", "", (12,)),
    Case("new", "Open beds.txt: what is the mean number of nights per ward?", "North South East", (5, 6, 7), ()),
    Case("new", "Load loans.csv. Who borrowed for the fewest days in all?", "June", (), (33,), "Noor Finn"),
    Case("new", "Load loans.csv. Which title was borrowed for the longest time in all?", "Kim", (), (37,), "Emma Dune"),
    Case("new", "Load loans.csv. How many different titles are there?", "", (4,)),
    Case("new", "Read loans.csv. For how many days did Finn borrow Emma?", "", (7,)),
    Case("new", "Read bills.csv. What do net and vat add up to for invoice 1004?", "", (357,), (300, 57)),
    Case("new", "Read sales.csv. What was the total price on the 7th of March 2024 and later?", "", (7643.85,)),
    Case("new", "Read trips.tsv. What is the longest trip that Reed made, in km?", "", (310,)),
)


def main() -> None:
    """Ask the questions, and print the answers and a count for each group."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--group", nargs="+", default=["seen", "apart", "new"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    options = parser.parse_args()
    for group in options.group:
        right: list[bool] = []
        seconds: list[float] = []
        for case in (each for each in CASES if each.group == group):
            for seed in options.seeds:
                started = time.perf_counter()
                answer = ask(case, options.model, seed)
                seconds.append(time.perf_counter() - started)
                right.append(case.is_right(answer))
                print(f"{'right' if right[-1] else 'wrong'}  {case.question}\n       {answer!r}", flush=True)
        print(f"{group}: {sum(right)} of {len(right)} right, median {statistics.median(seconds):.1f} s", flush=True)


def ask(case: Case, model: str, seed: int) -> str | None:
    """Ask a question in an empty folder that has the files; return the answer."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, data in FILES.items():
            Path(name).write_bytes(data)
        return solve(case.question, {}, model=model, seed=seed).answer


if __name__ == "__main__":
    main()
