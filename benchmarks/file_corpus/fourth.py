"""Files in the manner of public sources, written last."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from .recipes import Case
from .writing import case, lines

NAN = float("nan")


def fourth(folder: Path) -> list[Case]:
    """Make the files.

    Args:
        folder: An empty folder.

    Returns:
        20 cases.
    """
    return [*exports(), *offices(), *instruments(), *other()]


def exports() -> Iterator[Case]:
    """Exports of banks and shops."""
    yield case(
        "giro.csv",
        lines(
            '"Konto:";"DE00 1234"',
            '"Stand:";"31.05.2024"',
            "",
            '"Buchungstag";"Empfänger";"Betrag (EUR)"',
            '"28.05.2024";"Bäckerei";"-4,20"',
            '"29.05.2024";"Gehalt";"2.950,00"',
            '"30.05.2024";"Miete";"-1.020,00"',
        ),
        {
            "Buchungstag": pd.to_datetime(["2024-05-28", "2024-05-29", "2024-05-30"]),
            "Empfänger": ["Bäckerei", "Gehalt", "Miete"],
            "Betrag (EUR)": [-4.2, 2950.0, -1020.0],
        },
        "cp1252",
    )
    yield case(
        "ordrer.csv",
        lines("dato;vare;beløb", "13-05-2024;smør;24,95", "17-05-2024;rødbede;12,50", "21-05-2024;æble;3,00"),
        {
            "dato": pd.to_datetime(["2024-05-13", "2024-05-17", "2024-05-21"]),
            "vare": ["smør", "rødbede", "æble"],
            "beløb": [24.95, 12.5, 3.0],
        },
        "cp1252",
    )
    yield case(
        "notes.csv",
        lines("id;note;score", "1;fast, cheap, good;4.5", "2;slow, kind;3.75", "3;fine;5.0"),
        {"id": [1, 2, 3], "note": ["fast, cheap, good", "slow, kind", "fine"], "score": [4.5, 3.75, 5.0]},
    )
    yield case(
        "register.txt",
        lines("no  | surname   | born", "1   | Hale      | 1801", "2   | Pym       | 1822", "3   | Stokes    | 1799"),
        {"no": [1, 2, 3], "surname": ["Hale", "Pym", "Stokes"], "born": [1801, 1822, 1799]},
    )
    yield case(
        "spss.csv",
        lines("fall;alter;wert", "1;34;2,5", "2;#NULL!;3,5", "3;51; ", "4;28;4,0", "5;45;1,5"),
        {"fall": [1, 2, 3, 4, 5], "alter": [34, NAN, 51, 28, 45], "wert": [2.5, 3.5, NAN, 4.0, 1.5]},
    )


def offices() -> Iterator[Case]:
    """Tables of statistics offices."""
    yield case(
        "indicators.csv",
        lines(
            '"Data Source","Development Tables",',
            "",
            '"Last Updated Date","2024-06-28",',
            "",
            '"Country","Code","2021","2022",',
            '"Aruba","ABW","54.5","55.25",',
            '"Chad","TCD","49.5","50.0",',
            '"Fiji","FJI","67.25","",',
        ),
        {
            "Country": ["Aruba", "Chad", "Fiji"],
            "Code": ["ABW", "TCD", "FJI"],
            "2021": [54.5, 49.5, 67.25],
            "2022": [55.25, 50.0, NAN],
            "Unnamed: 4": [NAN] * 3,
        },
    )
    yield case(
        "areas.csv",
        lines(
            '"GEO_ID","NAME","POP"',
            '"0500000US01001","Autauga","58,805"',
            '"0500000US01003","Baldwin","231,767"',
            '"0500000US01005","Barbour","25,223"',
        ),
        {
            "GEO_ID": ["0500000US01001", "0500000US01003", "0500000US01005"],
            "NAME": ["Autauga", "Baldwin", "Barbour"],
            "POP": [58805, 231767, 25223],
        },
    )
    yield case(
        "eleicao.csv",
        lines(
            '"UF";"MUNICIPIO";"CODIGO";"VOTOS"',
            '"SP";"SÃO JOSÉ";"00213";"1204"',
            '"MG";"UBERLÂNDIA";"04117";"980"',
            '"BA";"ILHÉUS";"00071";"445"',
        ),
        {
            "UF": ["SP", "MG", "BA"],
            "MUNICIPIO": ["SÃO JOSÉ", "UBERLÂNDIA", "ILHÉUS"],
            "CODIGO": ["00213", "04117", "00071"],
            "VOTOS": [1204, 980, 445],
        },
        "latin-1",
    )
    yield case(
        "rates.tsv",
        lines("unit,geo\\time\t2021\t2022", "PC,AT\t6.2\t4.8", "PC,BE\t6.3\t5.6 b", "PC,BG\t: \t4.3"),
        {
            "unit": ["PC"] * 3,
            "geo\\time": ["AT", "BE", "BG"],
            "2021": [6.2, 6.3, NAN],
            "2022": ["4.8", "5.6 b", "4.3"],
        },
    )
    yield case(
        "været.csv",
        lines(
            "Navn;Stasjon;Tid;Lufttemperatur",
            "Voss;SN51530;14.01.2024;-3,5",
            "Voss;SN51530;15.01.2024;0,5",
            "Voss;SN51530;16.01.2024;-",
            "Voss;SN51530;17.01.2024;2,5",
            "Data er gyldig per 18.01.2024;;;",
        ),
        {
            "Navn": ["Voss"] * 4,
            "Stasjon": ["SN51530"] * 4,
            "Tid": pd.to_datetime(["2024-01-14", "2024-01-15", "2024-01-16", "2024-01-17"]),
            "Lufttemperatur": [-3.5, 0.5, NAN, 2.5],
        },
    )


def instruments() -> Iterator[Case]:
    """What instruments write."""
    at = ["2024-05-01T08:00:00.125", "2024-05-01T08:00:00.250", "2024-05-01T08:00:00.375"]
    yield case(
        "scope.csv",
        lines("time,ch1,ch2", f"{at[0]},0.5,NaN", f"{at[1]},0.75,1.5", f"{at[2]},-0.25,2.5"),
        {"time": pd.to_datetime(at), "ch1": [0.5, 0.75, -0.25], "ch2": [NAN, 1.5, 2.5]},
    )
    rows = [("ASN00", 1990, -12, 103), ("ASN01", 1991, 250, 98), ("CHM00", 1992, -7, 1012), ("CHM01", 1993, 31, 7)]
    yield case(
        "daily.dly",
        lines(*(f"{a}{b:>6}{c:>6}{d:>6}" for a, b, c, d in rows)),
        {
            0: ["ASN00", "ASN01", "CHM00", "CHM01"],
            1: [1990, 1991, 1992, 1993],
            2: [-12, 250, -7, 31],
            3: [103, 98, 1012, 7],
        },
    )
    yield case(
        "spectrum.txt",
        lines(
            "Sample: A7",
            "Date: 2024-03-01",
            "Points: 4",
            "XYDATA",
            "400.0\t0.125",
            "401.0\t0.250",
            "402.0\t0.375",
            "403.0\t0.125",
        ),
        {0: [400.0, 401.0, 402.0, 403.0], 1: [0.125, 0.25, 0.375, 0.125]},
    )
    frame = pd.DataFrame({"gene": ["TP53", "MYC", "EGFR"], "s1": [10, 200, 0], "s2": [12, 180, 3]})
    yield Case("counts.tsv.gz", gzip.compress(frame.to_csv(sep="\t", index=False).encode()), frame)


def other() -> Iterator[Case]:
    """Timetables, East Asian encodings, answers of web services, workbooks."""
    yield case(
        "stops.txt",
        "\ufeff"
        + lines(
            "stop_id,stop_name,stop_lat,stop_lon,zone_id",
            "S1,Main St,47.125,8.5,",
            "S2,Old Town,47.25,8.75,",
            "S3,Pier,47.5,8.125,",
        ),
        {
            "stop_id": ["S1", "S2", "S3"],
            "stop_name": ["Main St", "Old Town", "Pier"],
            "stop_lat": [47.125, 47.25, 47.5],
            "stop_lon": [8.5, 8.75, 8.125],
            "zone_id": [NAN] * 3,
        },
    )
    yield case(
        "城市.csv",
        lines("城市,人口,面积", "北京,2189,16410.5", "上海,2487,6340.5", "广州,1868,7434.25", "深圳,1756,1997.5"),
        {
            "城市": ["北京", "上海", "广州", "深圳"],
            "人口": [2189, 2487, 1868, 1756],
            "面积": [16410.5, 6340.5, 7434.25, 1997.5],
        },
        "gb18030",
    )
    yield case(
        "도시.csv",
        lines("도시,인구", "서울특별시,9411", "부산광역시,3350", "대구광역시,2385", "인천광역시,2948"),
        {"도시": ["서울특별시", "부산광역시", "대구광역시", "인천광역시"], "인구": [9411, 3350, 2385, 2948]},
        "cp949",
    )
    features = [
        {"type": "Feature", "properties": {"name": name, "n": n}, "geometry": None} for name, n in (("A", 1), ("B", 2))
    ]
    yield Case(
        "map.geojson",
        json.dumps({"type": "FeatureCollection", "features": features}).encode(),
        pd.json_normalize(features),
    )
    results = [
        {"id": 1, "owner": {"login": "ada"}, "topics": ["x"]},
        {"id": 2, "owner": {"login": "ben"}, "topics": []},
    ]
    yield Case(
        "search.json",
        json.dumps({"total_count": 2, "next": None, "items": results}).encode(),
        pd.json_normalize(results),
    )
    buffer = io.BytesIO()
    people = pd.DataFrame(
        {
            "Name": ["Ida", "Max", "Eva"],
            "Start": pd.to_datetime(["2020-01-15", "2021-03-01", "2019-11-30"]),
            "Pay": [3100.5, 2900.0, 3500.25],
        }
    )
    with pd.ExcelWriter(buffer) as writer:
        people.to_excel(writer, sheet_name="Staff", index=False, startrow=2)
        writer.sheets["Staff"]["A1"] = "Staff list, June"
    yield Case("staff.xlsx", buffer.getvalue(), people)
