"""Are summaries of notes complete and true; do notes made of dialogues read like the clinicians' own?

`own_notes`, `contradictions` and `worded_notes` (with a model: `--backend ctranslate2`) use our synthetic notes (cases/notes_*.jsonl);
`mts_dialog` and `aci_bench` the public sets where a folder of them is given. ROUGE-1 F (Lin CY. ACL Workshop 2004, W04-1013) by the
package rouge_score, with stemming.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from assistant import gate
from assistant.assistant import Assistant
from assistant.notes import dialogue
from assistant.notes.dialogue_words import spelled
from assistant.notes.lines import NEGATION
from assistant.records import Bullet
from eval import data
from eval.report import Row, Task

ROWS = 200  # of mts_dialog, drawn with seed 0
PROBLEMS = ("problems", "symptoms", "findings")


def own_notes(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """What of the gold facts the summary lacks, what it says that the note denies, and whether each line rests on its spans."""
    record = assistant.summarize_note(case["text"], style="problem_list")
    missing = {
        f"omitted_{name}_error": _lacking(case[name], record.bullets)
        for name in ("problems", "medications", "allergies", "critical")
        if case[name]
    }
    facts = [b for b in record.bullets if b.section in (*PROBLEMS, "medications", "allergies")]
    return {
        **missing,
        "hallucinated_error": sum(_false(b, case) for b in facts) / len(facts) if facts else 0.0,
        "bullets_supported": sum(rests(b, case["text"]) for b in record.bullets) / len(record.bullets) if record.bullets else 0.0,
        "no_false_contradiction": float(not record.contradictions),
    }


def _lacking(gold: Sequence[str], bullets: Sequence[Bullet]) -> float:
    told = " \n".join(b.text.lower() for b in bullets if b.section not in ("plan", "patient"))
    return sum(not any(word.lower() in told for word in item.split("||")) for item in gold) / len(gold)


def _false(bullet: Bullet, case: Row) -> bool:
    """A denied or a relative's finding told as the patient's; a drug or an allergen that the gold lacks."""
    told = bullet.text.lower()
    if bullet.section in PROBLEMS:
        return any(word.lower() in told for word in case["absent"]) and not NEGATION.search(told)
    known = [word.lower() for name in ("medications", "allergies") for item in case[name] for word in item.split("||")]
    return bullet.origin == "rule" and not any(word in told for word in known) and not NEGATION.search(told) and "nkda" not in told


def rests(bullet: Bullet, text: str) -> bool:
    """Whether a line has spans, and every number and drug of it stands in them."""
    source = " ".join(text[s.start : s.end] for s in bullet.spans)
    told = re.sub(r"\[(?:CRITICAL|check):[^\]]*\]", "", bullet.text)
    numbers = set(re.findall(r"\d+(?:\.\d+)?", told)) - set(re.findall(r"\d+(?:\.\d+)?", f"{source} {spelled(source)}"))
    return bool(bullet.spans) and not numbers and gate.read_claim(told).drugs <= gate.read_claim(source).drugs


def worded(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """How many sentences of the model pass, and whether those rest on their lines; nothing where no model is loaded."""
    record = assistant.summarize_note(case["text"], style="soap", worded=True)
    said = [bullet for bullet in record.bullets if bullet.origin == "model"]
    if not said and not record.dropped:
        return {}
    supported = {"model_bullets_supported": sum(rests(b, case["text"]) for b in said) / len(said)} if said else {}
    return {"sentences_kept": len(said) / (len(said) + len(record.dropped)), **supported}


def contradictions(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """Whether a planted contradiction is flagged that the sound note has not."""
    plant = case["plant"]
    sound = assistant.summarize_note(case["text"]).contradictions
    broken = assistant.summarize_note(case["text"].replace(plant["old"], plant["new"])).contradictions
    found = float(bool(set(broken) - set(sound)))
    return {"flagged": found, f"flagged_{plant['kind']}": found}


def rouge(reference: str, told: str) -> Mapping[str, float]:
    """F, precision and recall of single words."""
    score = _scorer().score(reference, told)["rouge1"]
    return {"rouge1_f": score.fmeasure, "rouge1_p": score.precision, "rouge1_r": score.recall}


@cache
def _scorer() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rouge1"], use_stemmer=True)


def mts(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """A short talk against the section of a note that it was made from."""
    record = assistant.summarize_note(case["dialogue"], style="dialogue_to_note")
    return rouge(case["section_text"], "\n".join(b.text for b in record.bullets))


def aci(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """A whole visit against the whole note."""
    return rouge(case["note"], dialogue.render(assistant.summarize_note(case["dialogue"], style="dialogue_to_note")))


def _mts_rows() -> list[dict[str, Any]]:
    rows = data.read_jsonl(data.bench() / "mts_dialog" / "dev.jsonl")
    return random.Random(0).sample(rows, ROWS) if len(rows) >= ROWS else rows


OWN_NOTES = Task("own_notes", lambda: data.own("notes_*.jsonl"), own_notes, "our notes: omitted, invented, supported")
WORDED_NOTES = Task("worded_notes", lambda: data.own("notes_*.jsonl"), worded, "our notes in a model's words: sentences that pass")
CONTRADICTIONS = Task(
    "contradictions", lambda: [r for r in data.own("notes_*.jsonl") if "plant" in r], contradictions, "planted contradictions flagged"
)
MTS_DIALOG = Task("mts_dialog", _mts_rows, mts, "talk -> section of a note, ROUGE-1")
ACI_BENCH = Task("aci_bench", lambda: data.read_jsonl(data.bench() / "aci_bench" / "dev.jsonl"), aci, "visit -> note, ROUGE-1")
TASKS = (OWN_NOTES, WORDED_NOTES, CONTRADICTIONS, MTS_DIALOG, ACI_BENCH)
