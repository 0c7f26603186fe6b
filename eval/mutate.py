"""Plant one error in a true sentence: what the gate must catch. Pure functions of (sentence, seed)."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

from assistant.gate import claims
from knowledge_base.lexicon import drug_names

SWAPS: dict[str, tuple[tuple[str, str], ...]] = {
    "comparator": (
        ("less than or equal to", "more than"), ("below", "above"), ("less than", "more than"), ("lower than", "higher than"), ("under", "over"),
        ("at least", "at most"), ("or above", "or below"), ("or more", "or less"), ("or older", "or younger"), ("greater than", "less than"),
        ("more than", "less than"), ("above", "below"), ("over", "under"), ("up to", "at least"), ("at most", "at least"), ("or higher", "or lower"),
        ("or below", "or above"), ("or less", "or more"), ("within", "after"),
    ),
    "unit": (
        (" mg/dL", " mmol/L"), (" mmol/L", " mg/dL"), (" mcg", " mg"), (" mg", " mcg"), (" mL", " L"), (" hours", " days"), (" days", " weeks"),
        (" weeks", " days"), (" months", " weeks"), (" years", " months"), (" minutes", " hours"), (" g ", " mg "), ("mmHg", "kPa"), (" kg", " g"),
    ),
    "route": (
        ("orally", "intravenously"), ("oral", "intravenous"), ("by mouth", "into a vein"), ("intravenously", "orally"), ("intravenous", "oral"),
        ("intramuscularly", "intravenously"), ("intramuscular", "intravenous"), ("subcutaneously", "intramuscularly"), ("subcutaneous", "oral"),
        ("inhaled", "intravenous"), ("topical", "oral"), ("IV", "oral"),
    ),
    "frequency": (
        ("once daily", "twice daily"), ("once a day", "three times a day"), ("twice daily", "four times daily"), ("twice a day", "once a day"),
        ("three times a day", "once a day"), ("three times daily", "once daily"), ("four times a day", "twice a day"), ("every 12 hours", "every 6 hours"),
        ("every 8 hours", "every 24 hours"), ("every 6 hours", "every 12 hours"), ("every 4 hours", "every 12 hours"), ("weekly", "daily"),
        ("daily", "weekly"), ("once a week", "twice a week"), ("every day", "every week"), ("monthly", "weekly"), ("yearly", "monthly"), ("annually", "monthly"),
    ),
    "population": (
        ("pregnant women", "men"), ("children", "adults"), ("adults", "children"), ("infants", "adults"), ("women", "men"), ("men", "women"),
        ("pregnancy", "childhood"), ("neonates", "adults"), ("older adults", "children"),
    ),
    "direction": (
        ("increase", "decrease"), ("increases", "decreases"), ("raise", "lower"), ("raised", "lowered"), ("reduce", "increase"), ("reduces", "increases"),
        ("reduced", "increased"), ("lower", "raise"), ("decrease", "increase"), ("start", "stop"), ("stop", "start"), ("before", "after"),
        ("after", "before"), ("high", "low"), ("low", "high"), ("higher", "lower"),
    ),
    "modality": (
        ("may be considered", "must be given"), ("may", "must"), ("can", "must"), ("consider", "always give"), ("should", "may"), ("must", "may"),
        ("is recommended", "is optional"), ("are recommended", "are optional"), ("is reasonable", "is mandatory"), ("immediately", "optionally"),
    ),
}  # fmt: skip
NEGATIONS = (
    (r"\bis contraindicated\b", "is recommended"), (r"\bare contraindicated\b", "are recommended"), (r"\bdo not\b ", ""), (r"\bDo not (\w)", r"\1"),
    (r"\bshould not be\b", "should be"), (r"\bshould not\b", "should"), (r"\bmust not\b", "must"), (r"\bis not\b", "is"), (r"\bare not\b", "are"),
    (r"\bAvoid\b", "Use"), (r"\bavoid\b", "use"), (r"\bnot recommended\b", "recommended"), (r"\bshould be\b", "should not be"), (r"\bis\b(?! only)", "is not"),
    (r"\bare\b(?! only)", "are not"), (r"^Give\b", "Do not give"), (r"\bgive\b", "do not give"), (r"\bshould\b", "should not"), (r"\bmust\b", "must not"),
    (r"\bcan\b", "cannot"), (r"^(Start|Use|Offer|Refer|Treat|Measure|Check|Add|Admit|Stop|Perform|Repeat)\b", r"Do not \1"), (r"\bwith\b", "without"),
)  # fmt: skip
COUNTS = "one|two|three|four|five|six|once|twice|weekly|daily"
OTHER_DRUGS = ("warfarin", "digoxin", "lithium", "metformin", "amiodarone", "prednisolone", "ibuprofen", "ciprofloxacin")


def mutations(sentence: str, *, seed: int = 0) -> Iterator[tuple[str, str]]:
    """Yield (kind, corrupted sentence), at most one of each kind; kinds that the sentence does not hold are left out."""
    rng = random.Random(f"{seed}|{sentence}")
    for kind, change in KINDS.items():
        changed = change(sentence, rng)
        if changed and changed != sentence:
            yield kind, changed


def number(sentence: str, rng: random.Random) -> str:
    """One number replaced by another: half, double, or ten times."""
    found = [m for m in re.finditer(r"(?<![\w.])(?<![A-Za-z]-)(?<!\^)\d+(?:\.\d+)?(?![\w.]*\d)", sentence) if not sentence[m.end() :].lstrip().startswith("m2")]
    if not found:
        return ""
    spot = rng.choice(found)
    value = float(spot[0]) * rng.choice((0.5, 2, 10))
    return f"{sentence[: spot.start()]}{value:g}{sentence[spot.end() :]}"


def drug(sentence: str, rng: random.Random) -> str:
    """One drug replaced by another of a different name."""
    said = claims.read(sentence).drugs
    names = [word for word in re.findall(r"[A-Za-z][a-z-]+", sentence) if drug_names().get(word.lower()) in said]
    if not names:
        return ""
    others = [other for other in OTHER_DRUGS if drug_names().get(other, other) not in said]
    return sentence.replace(rng.choice(names), rng.choice(others), 1)


def negation(sentence: str, rng: random.Random) -> str:
    """The first negation taken away, or one put in."""
    for pattern, replacement in NEGATIONS:
        changed = re.sub(pattern, replacement, sentence, count=1)
        if changed != sentence and not re.search(r"\bnot (?:no|un\w+)\b|^No\b.*\bnot\b", changed):  # two negations are no error
            return changed
    return ""


def swap(kind: str) -> Callable[[str, random.Random], str]:
    """The first word pair of a kind that the sentence holds, exchanged."""

    def change(sentence: str, rng: random.Random) -> str:
        for old, new in SWAPS[kind]:
            pattern = rf"(?<!\w){re.escape(old)}(?!\w)" if old.strip() == old else re.escape(old)
            if kind == "modality":
                pattern += r"(?! not| never| be considered)"  # "may not" forbids as "must not" does, and what is considered is open
            if kind == "comparator" and not old.startswith("or "):
                pattern += rf"(?=[^.;]{{0,20}}(?:\d|\b(?:{COUNTS})\b))"  # "over days" compares nothing
            if re.search(pattern, sentence):
                return re.sub(pattern, new, sentence, count=1)
        return ""

    return change


KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "number": number, "drug": drug, "negation": negation, **{kind: swap(kind) for kind in SWAPS},
}  # fmt: skip
