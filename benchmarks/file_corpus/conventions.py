"""How twelve countries write tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Convention:
    """How a country's programs write tables."""

    name: str
    encoding: str
    separator: str
    decimal: str
    thousands: str
    date: str  #: as `strftime` takes it
    header: tuple[str, str, str, str, str]  #: names of the columns: day, place, kind, number, amount
    places: tuple[str, ...]
    kinds: tuple[str, ...]
    total: str  #: the word in a row of totals

    def number(self, value: float, digits: int = 2) -> str:
        """Write a number."""
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans({",": self.thousands, ".": self.decimal}))


CONVENTIONS = (
    Convention(
        "de", "cp1252", ";", ",", ".", "%d.%m.%Y", ("Datum", "Stadt", "Art", "Anzahl", "Betrag"),
        ("Köln", "München", "Düsseldorf", "Bremen"), ("Stühle", "Tische", "Schränke"), "Summe",
    ),
    Convention(
        "at", "utf-8-sig", ";", ",", ".", "%d.%m.%Y", ("Tag", "Ort", "Ware", "Stück", "Erlös"),
        ("Wien", "Graz", "Wörgl", "Linz"), ("Äpfel", "Nüsse", "Käse"), "Gesamt",
    ),
    Convention(
        "ch", "utf-8", ";", ".", "'", "%d.%m.%Y", ("Datum", "Gemeinde", "Gattung", "Zahl", "Wert"),
        ("Zürich", "Genf", "Basel", "Chur"), ("Brot", "Müesli", "Käse"), "Total",
    ),
    Convention(
        "fr", "cp1252", ";", ",", "\xa0", "%d/%m/%Y", ("jour", "ville", "catégorie", "quantité", "montant"),
        ("Évry", "Besançon", "Orléans", "Nîmes"), ("épicerie", "boucherie", "crémerie"), "Total général",
    ),
    Convention(
        "pl", "cp1250", ";", ",", " ", "%Y-%m-%d", ("data", "miasto", "rodzaj", "ilość", "kwota"),
        ("Łódź", "Kraków", "Gdańsk", "Poznań"), ("krzesła", "stoły", "łóżka"), "Razem",
    ),
    Convention(
        "us", "utf-8", ",", ".", ",", "%m/%d/%Y", ("date", "city", "item", "count", "amount"),
        ("Austin", "Boston", "San José", "Tulsa"), ("chairs", "desks", "lamps"), "Total",
    ),
    Convention(
        "uk", "cp1252", ",", ".", ",", "%d/%m/%Y", ("Day", "Town", "Kind", "Number", "Price £"),
        ("Leeds", "York", "Bath", "Ely"), ("tea", "scones", "jam"), "Total",
    ),
    Convention(
        "jp", "cp932", ",", ".", ",", "%Y/%m/%d", ("日付", "都市", "種類", "個数", "金額"),
        ("東京", "大阪", "名古屋", "札幌"), ("椅子", "机", "棚"), "合計",
    ),
    Convention(
        "ru", "cp1251", ";", ",", "\xa0", "%d.%m.%Y", ("дата", "город", "товар", "число", "сумма"),
        ("Москва", "Казань", "Омск", "Пермь"), ("стулья", "столы", "шкафы"), "Итого",
    ),
    Convention(
        "br", "utf-8", ";", ",", ".", "%d/%m/%Y", ("data", "cidade", "tipo", "quantidade", "preço"),
        ("São Paulo", "Brasília", "Belém", "Recife"), ("café", "açúcar", "pão"), "Total",
    ),
    Convention(
        "se", "utf-8", "\t", ",", " ", "%Y-%m-%d", ("datum", "ort", "sort", "antal", "belopp"),
        ("Malmö", "Umeå", "Göteborg", "Lund"), ("kött", "bröd", "mjölk"), "Summa",
    ),
    Convention(
        "gr", "cp1253", ";", ",", ".", "%d/%m/%Y", ("ημέρα", "πόλη", "είδος", "πλήθος", "ποσό"),
        ("Αθήνα", "Πάτρα", "Βόλος", "Χανιά"), ("ψωμί", "λάδι", "τυρί"), "Σύνολο",
    ),
)  # fmt: skip
