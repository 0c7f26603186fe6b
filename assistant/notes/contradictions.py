"""What a note says against itself: allergy and drug, sex, states that exclude each other, denial, side, values, doses, dates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from assistant.facts.patient import implies
from assistant.gate.thresholds import label
from assistant.notes.lines import Note
from assistant.notes.problems import SUPPOSED, is_denied
from assistant.records import Finding, Measurement, Medication, Span
from knowledge_base.lexicon import drug_classes, read_table

AVOIDED = re.compile(r"\b(?:avoid|contraindicated|instead of|because of (?:the |an )?allerg|given (?:the |an )?allerg)", re.IGNORECASE)
VALUE_SHARE = 0.1  # two values of one measurement that differ by more than this share cannot be a rounding
STEADY = frozenset({"age_years", "weight_kg", "height_cm"})  # facts.conflicts speaks of these
WORDS_AROUND = 60


def find(note: Note) -> tuple[str, ...]:
    """One line each, with the words that clash."""
    tests = (_allergy, _sex, _pairs, _negation, _sides, _finding_sides, _values, _doses, _dates)
    return tuple(dict.fromkeys([*note.facts.conflicts, *(line for test in tests for line in test(note))]))


def _words(note: Note, span: Span, reach: int = 24) -> str:
    """The clause around a span, for the reader to see."""
    start = max(note.text.rfind(mark, 0, span.start) for mark in ("\n", ". ", ";")) + 1
    ends = [place for mark in ("\n", ". ", ";") if (place := note.text.find(mark, span.end)) >= 0]
    return note.said(Span(max(start, span.start - reach), min([*ends, span.end + reach, len(note.text)])))


def _allergy(note: Note) -> Iterator[str]:
    allergic = {item.name for item in note.facts.allergies if item.presence == "present"}
    for drug in note.facts.medications:
        if drug.presence == "absent" or drug.when in ("history", "hypothetical") or AVOIDED.search(note.sentence(drug.span)):
            continue
        for name in sorted(allergic & {drug.name, *drug_classes(drug.name)} | _shared_class(allergic, drug.name)):
            yield f"{drug.name} is listed although an allergy to {name} is recorded: '{_words(note, drug.span)}'"


def _shared_class(allergic: set[str], drug: str) -> set[str]:
    """Allergens that are a penicillin, cephalosporin or sulfonamide like the drug."""
    reactive = {"penicillin", "cephalosporin", "sulfonamide antibiotic", "sulfonamide", "nsaid", "macrolide", "fluoroquinolone"}
    mine = drug_classes(drug) & reactive
    return {name for name in allergic if name != drug and drug_classes(name) & mine}


def _sex(note: Note) -> Iterator[str]:
    rows = read_table("contradictions")["sex"]
    sex = note.facts.sex
    if not sex:
        return
    other, noun = ("female_only", "female_noun") if sex == "male" else ("male_only", "male_noun")
    for kind in (other, noun):
        for match in re.finditer(rows[kind], note.text, re.IGNORECASE):
            span = Span(match.start(), match.end())
            if note.section_at(span.start) != "family" and not re.search(rows["relative"], note.sentence(span), re.IGNORECASE):
                yield f"the patient is {sex}, but the note says '{_words(note, span)}'"
                break
    if note.facts.pregnant and (gone := re.search(rows["no_pregnancy"], note.text, re.IGNORECASE)):
        yield f"pregnant, but the note says '{_words(note, Span(gone.start(), gone.end()))}'"


def _pairs(note: Note) -> Iterator[str]:
    for name, pairs in read_table("contradictions")["pairs"].items():
        for one, other in pairs:
            first, second = _own(note, one), _own(note, other)
            if first and second and not (first.start < second.end and second.start < first.end):
                yield f"{name.replace('_', ' ')}: '{_words(note, first)}' and '{_words(note, second)}'"


def _own(note: Note, pattern: str) -> Span | None:
    """The first match that speaks of the patient."""
    relative = read_table("contradictions")["sex"]["relative"]
    for match in re.finditer(pattern, note.text, re.IGNORECASE):
        span = Span(match.start(), match.end())
        if note.section_at(span.start) != "family" and not re.search(
            relative, re.split(r"[.;]", note.text[max(0, span.start - 30) : span.start])[-1], re.IGNORECASE
        ):
            return span
    return None


def _negation(note: Note) -> Iterator[str]:
    """A finding of the patient that is both affirmed and denied, the two not in one sentence and neither in the past."""
    time = re.compile(read_table("contradictions")["course"]["time"], re.IGNORECASE)
    mine = [f for f in note.facts.findings if f.experiencer == "patient" and f.when in ("now", "history") and f.presence != "uncertain"]
    mine = [f for f in mine if note.section_at(f.span.start) != "allergies" and (f.presence == "absent") == is_denied(note, f)]
    mine = [f for f in mine if f.presence != "absent" or not _implied(f, mine)]
    for one, other in combinations(mine, 2):
        if one.name != other.name or one.presence == other.presence or note.sentence(one.span) == note.sentence(other.span):
            continue
        denied = one if one.presence == "absent" else other
        affirmed = other if denied is one else one
        if _changes(note, denied, affirmed, time):
            continue
        yield f"{one.name} is affirmed and denied: '{_words(note, affirmed.span)}' and '{_words(note, denied.span)}'"


def _implied(finding: Finding, others: Sequence[Finding]) -> bool:
    """Whether a denied finding only follows from a narrower one at its place: who denies a high fever may have a fever."""
    return any(other.span == finding.span and finding.name in implies().get(other.name, ()) for other in others)


def _changes(note: Note, denied: Finding, affirmed: Finding, time: re.Pattern[str]) -> bool:
    """Whether the words tell a course ("fever on admission", "now afebrile") or the place differs by side."""
    for finding in (denied, affirmed):
        clause = note.text[max(0, finding.span.start - WORDS_AROUND) : finding.span.end + 40].split("\n")
        if (
            finding.when == "history"
            and denied.when != affirmed.when
            and not re.search(r"\bhistory\b", note.sentence(denied.span), re.IGNORECASE)
        ):
            return True
        if time.search(" ".join(clause)) and re.search(
            r"\b(?:now|today|resolved|after|no longer|currently|since|improved|yesterday)\b", note.sentence(finding.span), re.I
        ):
            return True
    return bool(_side(note, denied.span) and _side(note, affirmed.span) and _side(note, denied.span) != _side(note, affirmed.span))


def _side(note: Note, span: Span) -> str:
    near = note.text[max(0, span.start - 14) : span.end + 22].split("\n")[0].lower()
    return next((side for side in ("left", "right") if side in near), "")


def _sides(note: Note) -> Iterator[str]:
    """Anatomy that one section has only on the left and another only on the right."""
    rows = read_table("contradictions")["side"]
    found: dict[str, dict[str, dict[str, Span]]] = {}
    for number, section in enumerate(note.sections):
        if section.name in ("family", "technique"):
            continue
        for match in re.finditer(rows["word"], note.text[section.start : section.end], re.IGNORECASE):
            span = Span(section.start + match.start(), section.start + match.end())
            if not re.search(rows["both"], note.sentence(span), re.IGNORECASE) and not _absent_at(note, span):
                noun = match["noun"].lower()
                found.setdefault(noun, {}).setdefault(f"{section.name}{number}", {}).setdefault(match["side"].lower(), span)
    for noun, places in found.items():
        single = [next(iter(sides.items())) for sides in places.values() if len(sides) == 1]
        mixed = any(len(sides) > 1 for sides in places.values())
        for (one, first), (other, second) in combinations(single, 2):
            if one != other and not mixed:
                yield f"{noun}: '{_words(note, first)}' and '{_words(note, second)}'"
                break


def _finding_sides(note: Note) -> Iterator[str]:
    """A finding that one section has on the left and another on the right."""
    found: dict[str, dict[str, list[tuple[str, Span]]]] = {}
    for finding in note.facts.findings:
        sides = set(re.findall(r"\b(left|right)\b", note.sentence(finding.span).lower()))
        if finding.experiencer == "patient" and finding.presence != "absent" and len(sides) == 1 and not _absent_at(note, finding.span):
            section = note.section_at(finding.span.start)
            found.setdefault(finding.name, {}).setdefault(section, []).append((sides.pop(), finding.span))
    for name, sections in found.items():
        single = [places[0] for places in sections.values() if len({side for side, _ in places}) == 1]
        for (one, first), (other, second) in combinations(single, 2):
            if one != other and len(single) == len(sections):
                yield f"{name}: '{_words(note, first)}' and '{_words(note, second)}'"


def _absent_at(note: Note, span: Span) -> bool:
    return bool(re.search(r"\b(?:no|not|denies|normal|unremarkable|negative)\b", note.sentence(span), re.IGNORECASE))


def _values(note: Note) -> Iterator[str]:
    """One measurement with two values, neither of them dated or told as a course."""
    time = re.compile(read_table("contradictions")["course"]["time"], re.IGNORECASE)
    for name in dict.fromkeys(m.name for m in note.facts.measurements):
        values = [m for m in note.facts.values(name) if name not in STEADY and not name.startswith("onset") and not _dated(note, m, time)]
        for one, other in combinations(values, 2):
            apart = note.section_at(one.span.start) != note.section_at(other.span.start)
            if apart and abs(one.value - other.value) > VALUE_SHARE * max(abs(one.value), abs(other.value)):
                yield f"{label(name)}: '{note.said(one.span)}' and '{note.said(other.span)}'"
                break


def _dated(note: Note, item: Measurement, time: re.Pattern[str]) -> bool:
    """Whether the clause of a number tells a time or a course."""
    start = max(note.text.rfind(mark, 0, item.span.start) for mark in ("\n", ". ", ",", ";")) + 1
    end = min(place for mark in ("\n", ". ", ",", ";") if (place := note.text.find(mark, item.span.end)) >= 0 or (place := len(note.text)))
    return bool(time.search(note.text[start:end]))


def _doses(note: Note) -> Iterator[str]:
    """One drug with two doses where no word tells a change; a daily and a planned dose differ lawfully."""
    change = re.compile(read_table("contradictions")["course"]["dose_change"], re.IGNORECASE)
    taken = [m for m in note.facts.medications if m.dose and _taken(note, m) and not change.search(note.sentence(m.span))]
    for one, other in combinations(taken, 2):
        if one.name == other.name and _plain(one) != _plain(other) and _unit(one) == _unit(other) and not _same_line(note, one, other):
            yield f"{one.name}: '{one.dose}' and '{other.dose}'"
    listed = [
        m for m in note.facts.medications if m.presence == "present" and m.when == "now" and _under(note, m.span, "discharge|current")
    ]
    for drug in listed:
        stopped = next(
            (
                m
                for m in note.facts.medications
                if m.name == drug.name and m.presence == "absent" and m.when == "now" and not SUPPOSED.search(note.sentence(m.span))
            ),
            None,
        )
        if stopped:
            yield f"{drug.name} is listed as taken and as stopped: '{_words(note, stopped.span)}'"


def _taken(note: Note, drug: Medication) -> bool:
    """Whether a drug is taken now, or the plan goes on with it."""
    goes_on = drug.when == "planned" and re.search(r"\b(?:continue|resume|remain)", note.sentence(drug.span), re.IGNORECASE)
    return drug.presence == "present" and (drug.when == "now" or bool(goes_on))


def _plain(drug: Medication) -> str:
    return re.sub(r"[\s,]", "", drug.dose.lower())


def _unit(drug: Medication) -> str:
    return re.sub(r"[\d.,\s-]", "", drug.dose.lower())


def _same_line(note: Note, one: Medication, other: Medication) -> bool:
    return "\n" not in note.text[one.span.start : other.span.end]


def _under(note: Note, span: Span, words: str) -> bool:
    section = next((s for s in reversed(note.sections) if s.start <= span.start), None)
    return bool(section and section.name == "medications" and re.search(words, note.text[section.start : section.body], re.IGNORECASE))


def _dates(note: Note) -> Iterator[str]:
    """An order of dates that cannot be: discharge before admission, anything before birth, an age that the birth date denies."""
    known: dict[str, tuple[str, Span]] = {}
    for day, span in note.facts.dates:
        before = note.text[max(0, span.start - 30) : span.start].lower()
        for kind, words in (
            ("birth", r"birth|dob|born"),
            ("admission", r"admi\w+"),
            ("discharge", r"discharge\w*"),
            ("surgery", r"surgery|operation|operated|procedure"),
        ):
            if re.search(rf"(?:{words})\b[^\n.;]{{0,20}}$", before):
                known.setdefault(kind, (day, span))
    for first, then in (("birth", "admission"), ("admission", "discharge"), ("birth", "surgery"), ("birth", "discharge")):
        if first in known and then in known and known[then][0] < known[first][0]:
            yield f"{then} on {known[then][0]} is before {first} on {known[first][0]}"
    yield from _age(note, known)


def _age(note: Note, known: dict[str, tuple[str, Span]]) -> Iterator[str]:
    seen = known.get("admission") or known.get("discharge")
    if "birth" in known and seen and note.facts.age_years is not None:
        years = (int(seen[0][:4]) * 12 + int(seen[0][5:7]) - int(known["birth"][0][:4]) * 12 - int(known["birth"][0][5:7])) / 12
        if abs(years - note.facts.age_years) > 1.5:
            yield f"age {note.facts.age_years:g} years, but born {known['birth'][0]} and seen {seen[0]}"
