"""A draughts tournament of ten players in six rounds: games, ratings, clubs, points and penalties."""

from __future__ import annotations

from functools import partial

from codeact_jupyter.evaluation.task import Namespace, Task, says_number

from ..checkers.answers import says_all, says_only
from .worlds import code_for, look_up, named, rows, whole

# player, rating, club, penalty points
_PLAYERS = """
Abel 1555 Lindenhof 0
Brita 1567 Seepark 1
Casimir 1659 Altmarkt 0
Dorte 1778 Lindenhof 0
Emil 1483 Altmarkt 0
Fenna 1840 Seepark 2
Gustav 1732 Altmarkt 3
Hedda 1538 Lindenhof 0
Ivar 1621 Seepark 0
Jorun 1517 Altmarkt 1
"""
# game, white, black, result, moves, minutes
_GAMES = """
1A Ivar Brita draw 45 58
1B Jorun Abel white 32 47
1C Fenna Emil white 25 15
1D Hedda Casimir draw 41 16
1E Gustav Dorte white 73 29
2A Dorte Emil draw 44 35
2B Casimir Fenna white 70 81
2C Brita Gustav black 51 46
2D Jorun Hedda black 55 48
2E Abel Ivar black 36 17
3A Dorte Casimir draw 75 51
3B Gustav Ivar white 25 47
3C Brita Emil draw 30 65
3D Abel Hedda black 69 15
3E Fenna Jorun black 44 67
4A Emil Ivar black 24 51
4B Abel Gustav black 32 77
4C Fenna Hedda white 53 86
4D Jorun Dorte black 75 93
4E Casimir Brita white 61 65
5A Gustav Emil white 26 86
5B Brita Jorun white 45 48
5C Hedda Dorte black 60 93
5D Abel Fenna black 46 63
5E Casimir Ivar black 44 89
6A Jorun Ivar draw 72 48
6B Brita Hedda none 36 81
6C Casimir Gustav none 74 24
6D Dorte Fenna none 71 55
6E Abel Emil black 29 46
"""


def namespace() -> Namespace:
    """The tournament while three games of the last round are still to be played."""
    people = {row[0]: row[1:] for row in rows(_PLAYERS)}
    played = {row[0]: row[1:] for row in rows(_GAMES)}

    def players() -> list[str]:
        """Names of all players."""
        return list(people)

    def player(name: str) -> dict[str, str | int]:
        """One player: {'rating', 'club', 'penalty': points taken off for being late}."""
        rating, club, penalty = look_up(people, name, "player")
        return {"rating": int(rating), "club": club, "penalty": int(penalty)}

    def games(round_number: int) -> list[str]:
        """Ids of the games of a round, 1 to 6."""
        number = whole(round_number, 1, 6, "round_number")
        return [game_id for game_id in played if game_id.startswith(str(number))]

    def game(game_id: str) -> dict[str, str | int | None]:
        """A game: {'white', 'black': the players, 'result': 'white', 'black', 'draw' or None, 'moves', 'minutes'}."""
        white, black, result, moves, minutes = look_up(played, game_id, "game")
        if result == "none":
            return {"white": white, "black": black, "result": None, "moves": 0, "minutes": 0}
        return {"white": white, "black": black, "result": result, "moves": int(moves), "minutes": int(minutes)}

    def points(outcome: str) -> int:
        """Points that a player gets for a game, by its outcome for that player: 'win', 'draw' or 'loss'."""
        return look_up({"win": 5, "draw": 2, "loss": 0}, outcome, "outcome")

    def enter_result(game_id: str, result: str) -> str:
        """Enters the result ('white', 'black' or 'draw') of a game that has none; returns the code of the entry."""
        if look_up(played, game_id, "game")[2] != "none":
            raise ValueError(f"Game {game_id} has a result.")
        if result not in ("white", "black", "draw"):
            raise ValueError(f"result must be 'white', 'black' or 'draw', not {result!r}.")
        played[game_id][2] = result
        return code_for("entry", game_id, result)

    return named(players, player, games, game, points, enter_result)


_NAMES = tuple(row[0] for row in rows(_PLAYERS))
_CLUBS = ("Lindenhof", "Seepark", "Altmarkt")
_IDS = tuple(row[0] for row in rows(_GAMES))
_task = partial(Task, domain="tournament", namespace=namespace, tools=tuple(namespace()))

SIMPLE = (
    _task(
        name="tournament/penalties-of-all",
        split="dev",
        prompt="How many penalty points do all the players have together? Answer with the number.",
        check=says_number(7),
        reference="print(sum(player(name)['penalty'] for name in players()))",
    ),
    _task(
        name="tournament/ratings-in-one-game",
        split="test",
        prompt="By how much do the ratings of the two players of game 4C differ? Answer with the number.",
        check=says_number(302),
        reference="""
found = game('4C')
print(abs(player(found['white'])['rating'] - player(found['black'])['rating']))
""",
    ),
)

EASY = (
    _task(
        name="tournament/time-of-round-three",
        split="dev",
        prompt="How long did the games of round 3 last, all added up? Answer in minutes.",
        check=says_number(245),
        reference="print(sum(game(game_id)['minutes'] for game_id in games(3)))",
    ),
    _task(
        name="tournament/strong-altmarkt",
        split="test",
        prompt="Which players have a rating above 1600 and belong to the club Altmarkt? Answer with their names.",
        check=says_only("Casimir", "Gustav", among=_NAMES),
        reference="""
for name in players():
    found = player(name)
    if found['rating'] > 1600 and found['club'] == 'Altmarkt':
        print(name)
""",
    ),
)

MIDDLE = (
    _task(
        name="tournament/biggest-upset",
        split="dev",
        prompt="In which game of the rounds 2 and 3 was the loser's rating above the winner's by the most? Answer with "
        "the id of the game.",
        check=says_only("3E", among=_IDS),
        reference="""
gaps = {}
for number in [2, 3]:
    for game_id in games(number):
        found = game(game_id)
        if found['result'] in ('white', 'black'):
            loser = 'black' if found['result'] == 'white' else 'white'
            gaps[game_id] = player(found[loser])['rating'] - player(found[found['result']])['rating']
print(max(gaps, key=gaps.get))
""",
    ),
    _task(
        name="tournament/moves-of-draws",
        split="test",
        prompt="How many moves does a drawn game of this tournament (all six rounds) have on average? Answer with two "
        "decimals.",
        check=says_number(307 / 6),
        reference="""
moves = []
for number in range(1, 7):
    for game_id in games(number):
        found = game(game_id)
        if found['result'] == 'draw':
            moves.append(found['moves'])
print(f'{sum(moves) / len(moves):.2f}')
""",
    ),
)

HARD = (
    _task(
        name="tournament/final-leader",
        split="dev",
        prompt="Three games of round 6 have no result yet. Enter each of them as won by the player with the higher "
        "rating. Who leads after all six rounds, with the penalties taken off, and with how many points? Answer with "
        "the name and the points.",
        check=says_all(says_only("Gustav", among=_NAMES), says_number(27)),
        reference="""
for game_id in games(6):
    found = game(game_id)
    if found['result'] is None:
        stronger = max(['white', 'black'], key=lambda side: player(found[side])['rating'])
        enter_result(game_id, stronger)
table = {name: -player(name)['penalty'] for name in players()}
for number in range(1, 7):
    for game_id in games(number):
        found = game(game_id)
        for side in ['white', 'black']:
            outcome = 'draw' if found['result'] == 'draw' else 'win' if found['result'] == side else 'loss'
            table[found[side]] += points(outcome)
best = max(table, key=table.get)
print(best, table[best])
""",
    ),
    _task(
        name="tournament/best-club-abroad",
        split="test",
        prompt="Take only the games between players of different clubs that have a result. Which club's players have "
        "won the most points in them, without regard to penalties, and how many? Answer with the club and the points.",
        check=says_all(says_only("Altmarkt", among=_CLUBS), says_number(55)),
        reference="""
clubs = {name: player(name)['club'] for name in players()}
won = dict.fromkeys(clubs.values(), 0)
for number in range(1, 7):
    for game_id in games(number):
        found = game(game_id)
        if found['result'] is None or clubs[found['white']] == clubs[found['black']]:
            continue
        for side in ['white', 'black']:
            outcome = 'draw' if found['result'] == 'draw' else 'win' if found['result'] == side else 'loss'
            won[clubs[found[side]]] += points(outcome)
best = max(won, key=won.get)
print(best, won[best])
""",
    ),
)
