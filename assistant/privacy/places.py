"""Addresses, towns and countries. An address is a seed (a street with its number, a box, a label) and what reads on as one from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assistant.privacy.words import common, eponyms, known, rank
from assistant.records import Span
from knowledge_base.lexicon import read_table

_WORD = r"[^\W\d_][^\W\d_]*(?:['’.-][^\W\d_]+)*"
_REACH = 160  # characters that an address is followed for


@cache
def _rows() -> dict[str, str]:
    return {name: row for name, row in read_table("deidentify_places").items() if isinstance(row, str)}


def addresses(text: str) -> Iterator[Span]:
    """Streets, boxes and flats, with the town, the region and the code that follow them."""
    for pattern in _seeds():
        for match in pattern.finditer(text):
            said = match.groupdict()
            start, end = match.span("whole" if "whole" in said else 0)
            if not said.get("words") or _strange(said["words"]):
                yield Span(_numbers_before(text, start), _tail(text, end))
    for match in re.finditer(_rows()["labels"] + r"\s*", text, re.IGNORECASE):
        end = _labelled(text, match.end())
        if re.search(r"\d", text[match.end() : end]):
            yield Span(match.end(), end)


@cache
def _seeds() -> tuple[re.Pattern[str], ...]:
    rows = _rows()
    number, units = r"\d{1,6}[A-Za-z]?", rf"(?:,?\s+{rows['units']})*"
    after, words = f"(?i:{rows['abroad_after']})", rf"(?P<words>(?:{_WORD}\.?[ ]){{1,4}})"
    two_long = rf"(?=\d{{3}}|\d+[ ](?:{_WORD}\.?[ ])+\d{{3}})"
    return (
        re.compile(rf"(?<![\w.,/-]){number},?[ ](?P<words>(?:{_WORD}\.?[ ]){{1,5}})(?i:{rows['street']})\b(?:\.(?=[,\s]|$))?{units}"),
        re.compile(rf"(?<![\w.,/-]){number},?[ ](?:{_CAPITAL}[ ]){{1,3}}{rows['full_street']}\b{units}"),
        re.compile(rf"\b(?i:{rows['abroad_before']})[ ](?P<words>(?:{_WORD}\.?[ ]){{1,6}}){number}\b{units}"),
        re.compile(rf"(?<!\w)(?:{_CAPITAL}[ ]){{0,2}}(?:(?P<words>{_WORD}{after})|{_CAPITAL}[ ]{after})[ ]{number}\.?(?!\w|\.\d){units}"),
        re.compile(rf"(?<![\w.,/-]){two_long}\d{{1,6}}[ ]{words}\d{{1,5}}(?=[\s,.?]|$){units}"),
        re.compile(rf"(?<![\w.,/-])(?P<whole>(?P<words>(?:{_CAPITAL}[ ]){{1,3}})\d{{1,5}}{units})(?i:,?\s+{rows['units']})"),
        re.compile(rf"(?i:{rows['boxes']})(?:[,\s]+(?i:{rows['military']}))?"),
        re.compile(rf"(?i:\b{rows['military']})"),
        re.compile(r"(?i:\b(?:apt|apartment|suite|flat)\.?[ ]#?\d+\w*)"),
        re.compile(rf"\b(?:the )?corner of (?P<corner>[^\n]{{3,50}}? and (?:{_CAPITAL}[ ]?){{1,3}})"),
    )


_CAPITAL = r"(?:[^\W\d_a-z](?:[^\W\d_]+|['’])(?:['’-][^\W\d_]+)*)"


def _strange(words: str) -> bool:
    """Whether some word may be a name, and none belongs to a dose, an age or a duration."""
    found = re.findall(_WORD, words)
    if any(word.lower() in _measures() for word in found) or re.search(r"[.]\s", re.sub(r"\b\w{1,4}\.\s", "", words)):
        return False
    if any(word.islower() and len(word) > 3 and rank(word) == "word" for word in found):
        return False
    return any(_may_be_place(word) for word in found)


def _may_be_place(word: str) -> bool:
    """A word that no table holds, or one with a capital that may be a name."""
    capital = word[0].isupper() and len(word) > 2
    return rank(word) == "name" or (capital and (rank(word) != "word" or word.lower() not in known() | common()))


@cache
def _measures() -> frozenset[str]:
    return frozenset(
        "mg mcg g kg ml l dl mmol units unit tablets tablet tabs capsules puffs drops days day weeks week months month years year hours "
        "hour minutes min bpm mmhg cm mm times daily "
        "twice once every bid tid qid per pack packs and to with for the of in on x by po iv meq hu "
        "is was rate at from a an am pm pod ct mri".split()
    )


def _numbers_before(text: str, start: int) -> int:
    """A further number, and the title of a street, stand before it: 28245 Puruntie 82."""
    found = re.search(r"(?<![\w.,/-])\d{1,6}[A-Za-z]?,?[ ]$", text[max(0, start - 9) : start])
    return start - len(found[0]) if found else start


def _tail(text: str, end: int) -> int:
    """Where an address ends that was read as far as `end`: over flats, towns, regions, codes and countries."""
    limit, place = end + _REACH, False
    while end < limit:
        part = _part_pattern().match(text, end)
        if not part:
            break
        if part["town"]:
            if not any(_may_be_place(word) for word in re.findall(_WORD, part["town"])) or re.match(r"[ \t]*:", text[part.end() :]):
                break
            place = True
        elif part["code"] and not place:
            break
        place = place or bool(part["region"])
        end = part.end()
    return end


@cache
def _part_pattern() -> re.Pattern[str]:
    rows = _rows()
    between = r"(?:[ ]*[,\n][ \n]*,?[ ]*|[ ])"
    lands = "|".join([*read_table("deidentify_places")["regions"].values(), rows["states"], rows["others"]])
    number = rf"\d{{1,6}}(?=[ ]{_CAPITAL}[ ]\d|[ ]{_CAPITAL}[ ]{_CAPITAL})"
    return re.compile(
        rf"{between}(?:(?P<unit>(?i:{rows['units']})|(?i:{rows['military']})|{number})"
        rf"|(?P<region>\b(?:{lands})(?!\w)|\b[A-Z]{{2,3}}\b(?=[\s,]+\d{{2,}}|\s*[,\n]|\s*$)|nan\b)"
        rf"|(?P<code>{rows['postcodes']}(?![\w%/]|\.\d|[ ](?:mg|mcg|ml|years?|days?|units?)\b))"
        rf"|(?P<town>(?:{_CAPITAL}|[A-Z]['’]?)(?:[ ](?:{_CAPITAL}|(?:of|the|upon|[a-z]{{1,3}})\b(?=[ ][A-Z]))){{0,3}}))"
    )


def _labelled(text: str, start: int) -> int:
    """Where an address ends that a label announces: at the first word that has no place in one."""
    end = start
    for token in re.finditer(rf"[ ,\n]*(?:{_WORD}|#?\d+[A-Za-z]?|[.](?=[ ]?\S))", text[start : start + _REACH]):
        word = token[0].strip(" ,\n")
        after = text[start + token.end() :]
        if re.match(r"\s*:", after) or not (_belongs(word) or (word == "." and re.match(r"[ ]?(?:\d|[A-Z]\w+[ ]\d)", after))):
            break
        end = start + token.end()
    return end


def _belongs(word: str) -> bool:
    """Whether a word can stand in an address."""
    small = word.lower() in ("the", "corner", "of", "and", "de", "la", "del", "da", "do", "a", "le", "u", "apt", "box", "st", "suite")
    signs = rf"#?\d.*|(?i:{_rows()['street']}|psc|unit|box|apt|suite|apo|fpo|dpo|p\.?o)\.?|[A-Z]{{1,3}}|nan"
    capital = word[:1].isupper() and word.lower() not in common()
    return small or capital or re.fullmatch(signs, word) is not None or (word[0].isalpha() and _may_be_place(word))


def _is_town(word: str) -> bool:
    return _may_be_place(word) or word.islower() or len(word) < 3 or word.lower() in eponyms() or word.lower() in _rows()["towns"].split()


def towns(text: str) -> Iterator[Span]:
    """Towns and states: a name after words that announce a place, and each state by its name."""
    for match in _town_pattern().finditer(text):
        words = re.findall(_WORD, match["town"])
        if all(_is_town(word) for word in words):
            yield Span(*match.span("town"))
    for match in re.finditer(rf"\b(?:[Ii]n|[Nn]ear)[ ](?P<town>{_CAPITAL}(?:[ -]{_CAPITAL})?)(?=[,.;)\s])", text):
        if all(rank(word) == "name" and not word.isupper() for word in match["town"].split()):
            yield Span(*match.span("town"))
    for match in re.finditer(rf"(?<!\w)(?:{_rows()['states']})(?!\w|[ ][A-Z][a-z])", text):
        yield Span(*match.span())


@cache
def _town_pattern() -> re.Pattern[str]:
    joined = r"(?:[ ](?:de|la|del|am|upon|on|of|sur)|[ -])"
    return re.compile(rf"\b(?i:{_rows()['towns_after']})[ ](?:the[ ])?(?P<town>{_CAPITAL}(?:{joined}[ ]?{_CAPITAL}){{0,3}})")


def countries(text: str) -> Iterator[tuple[Span, str]]:
    """Countries with their region."""
    for match in _country_pattern().finditer(text):
        line = re.search(r"(?:^|\n)[ \t]*([^\n:.,]{2,40})\n[ \t]*$", text[: match.start()])
        alone = re.match(r"[ \t]*(?:\n|$)", text[match.end() :])
        if line and alone and all(word[0].isupper() or len(word) < 4 for word in line[1].split()):
            yield Span(*line.span(1)), ""  # the town, on the line above its country
        yield Span(*match.span()), _region(match[0])


def _region(country: str) -> str:
    return next((region for region, named in _regions().items() if re.fullmatch(named, country, re.IGNORECASE)), "")


@cache
def _regions() -> dict[str, str]:
    return dict(read_table("deidentify_places")["regions"])


@cache
def _country_pattern() -> re.Pattern[str]:
    longest = sorted((name for names in _regions().values() for name in names.split("|")), key=len, reverse=True)
    named = "|".join(longest)
    return re.compile(rf"(?<!\w)(?:{named}|(?<=from )(?i:{named}))(?!\w|[ ](?:ink|red|pig|worms?|nuts?|fever|virus)\b)")


def nationalities(text: str) -> Iterator[Span]:
    """The nationality of a person; what names an ethnic group that risk depends on stays."""
    for match in re.finditer(_rows()["nationalities"], text):
        yield Span(*match.span())
