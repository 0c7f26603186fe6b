"""Word tables: the claim lexicon and the drug names. Read once per process."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
MOST_CLASSES = 8        # classes of the drugs of a text that are searched beside it
_WORDS = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@cache
def read_table(name: str) -> Mapping[str, Any]:
    """Rows of `<name>.toml` beside this file."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def claim_lexicon() -> Mapping[str, Any]:
    """Words that change what a sentence claims (claims.toml)."""
    return read_table("claims")


@cache
def drug_names() -> Mapping[str, str]:
    """Every name of a drug, lower case, generic or brand -> its generic name (medications.toml)."""
    names: dict[str, str] = {}
    for generic, row in read_table("medications").items():
        for name in (generic, *row.get("names", []), *row.get("brands", [])):
            names[name.lower()] = generic
    return names


@cache
def drug_classes(name: str) -> frozenset[str]:
    """Classes of a drug by any of its names, and the drugs that it combines; a class name has none.

    What holds for trimethoprim holds for trimethoprim-sulfamethoxazole.
    """
    generic = drug_names().get(name.lower(), "")
    combined = [part for part in generic.split("-") if part != generic and part in drug_names()]
    return frozenset([*read_table("medications").get(generic, {}).get("classes", []), *(drug_names()[part] for part in combined)])


@lru_cache(maxsize=65536)
def classes_in(text: str) -> tuple[str, ...]:
    """Classes of the drugs that a text names and does not class itself, in text order: "ceftriaxone 2 g" is an antibiotic."""
    plain = text.lower()
    words = _WORDS.findall(plain)
    spans = (" ".join(words[i : i + n]) for i in range(len(words)) for n in (1, 2, 3))
    drugs = dict.fromkeys(drug_names()[name] for name in spans if len(name) > 3 and name in drug_names())
    found = dict.fromkeys(name for drug in drugs for name in sorted(drug_classes(drug)))
    return tuple(name for name in found if name not in plain)[:MOST_CLASSES]


@cache
def banned_apart(name: str) -> frozenset[str]:
    """Classes of a drug whose bans, allergies apart, are not its own: low-dose aspirin among the NSAIDs."""
    row = read_table("medications").get(drug_names().get(name.lower(), ""), {})
    return frozenset(row.get("banned_apart", []))


@cache
def drug_class_names() -> Mapping[str, str]:
    """Every spelling of a drug class, lower case -> the class (drug_classes.toml)."""
    return {spelling.lower(): name for name, spellings in read_table("drug_classes").items() for spelling in (name, *spellings)}
