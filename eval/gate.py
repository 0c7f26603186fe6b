"""Does the gate drop what is wrong and keep what is right; do thresholds come out on the right side; does it read public claims?

mutation: faithful rewordings of statements (written by hand before the gate was run on them), and each with one error planted.
thresholds: a patient's value against a rule, and what a sentence may then say.
claimcheck: yes/no/maybe of abstracts and sentence against snippet, on public sets where a folder of them is given.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from assistant import facts, gate
from assistant.gate import thresholds
from assistant.gate.stance import contradicts
from assistant.wording import sentences
from eval import data
from eval.mutate import mutations
from eval.report import Row, Task
from knowledge_base.documents import Passage
from knowledge_base.rules import parse_rule

SEED = 0


def pairs() -> list[dict[str, Any]]:
    """Every rewording as it stands (`kind` is "good") and with one error of each kind that it can hold."""
    out: list[dict[str, Any]] = []
    for row in data.own("paraphrase_*.jsonl"):
        out.append({**row, "kind": "good"})
        wrong = mutations(row["sentence"], seed=SEED)
        out += [{**row, "id": f"{row['id']}-{kind}", "kind": kind, "sentence": text} for kind, text in wrong]
    return out


def sample(rows: Sequence[dict[str, Any]], n: int) -> list[dict[str, Any]]:
    """n good pairs and n corrupted ones, the kinds of error as even as they can be; equal calls give equal rows."""
    rng = random.Random(SEED)
    good = [row for row in rows if row["kind"] == "good"]
    kinds = sorted({row["kind"] for row in rows} - {"good"})
    wrong = [row for kind in kinds for row in _some([r for r in rows if r["kind"] == kind], -(-n // len(kinds)), rng)]
    return [*_some(good, n, rng), *wrong[:n]]


def _some(rows: list[dict[str, Any]], n: int, rng: random.Random) -> list[dict[str, Any]]:
    return rng.sample(rows, min(n, len(rows)))


def judged(row: Mapping[str, Any]) -> gate.Verdict:
    """The gate's verdict on a pair."""
    return gate.check(row["sentence"], [row["statement"]], titles=[row["title"]])


def mutation(assistant: Any, case: Row) -> Mapping[str, float]:
    """Kept if good, caught if corrupted; the latter also by kind of error."""
    ok = judged(case).ok
    return {"good_kept": float(ok)} if case["kind"] == "good" else {"caught": float(not ok), f"caught_{case['kind']}": float(not ok)}


def decided(case: Mapping[str, Any]) -> tuple[thresholds.Decision, thresholds.Chart]:
    """The rule of a case computed for what its text says of the patient."""
    passage = Passage(case["id"], "", "", "Treatment", "", 0, 1, (), rules=(parse_rule(case["rule"], where=case["id"]),))
    chart = thresholds.chart(facts.extract(case["text"]))
    return thresholds.decide([passage], chart)[0], chart


def threshold(assistant: Any, case: Row) -> Mapping[str, float]:
    """Is the rule on the right side; is what is wrong for this patient dropped, and what is right kept?"""
    decision, chart = decided(case)
    shown = {said["text"]: not contradicts(said["text"], [decision], chart) for said in case["said"]}
    wrong = [float(not shown[said["text"]]) for said in case["said"] if not said["shown"]]
    right = [float(shown[said["text"]]) for said in case["said"] if said["shown"]]
    return {
        "right_side": float(decision.applies is case["expected"]),
        **({"wrong_dropped": sum(wrong) / len(wrong)} if wrong else {}), **({"right_kept": sum(right) / len(right)} if right else {}),
    }  # fmt: skip


MAX_SNIPPETS = 12   # of a question: what one answer may rest on
QUESTIONS = 300


@cache
def claims() -> list[dict[str, Any]]:
    """Sentences of ideal answers against the snippets of their own question and of another one (BioASQ, development part)."""
    corpus, queries, judged_by = data.beir("bioasq")
    text = {row["_id"]: row["text"] for row in corpus}
    rows = [
        {**query, "snippets": [text[name] for name in judged_by[query["_id"]] if name in text][:MAX_SNIPPETS]}
        for query in queries[:QUESTIONS]
        if query.get("ideal_answer")
    ]
    return [*_own_and_other([row for row in rows if row["snippets"]])]


def _own_and_other(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for i, row in enumerate(rows):
        other = rows[(i + len(rows) // 2) % len(rows)]
        for n, text in enumerate(sentences([f"{row['ideal_answer'][0].strip()} "])):
            for kind, snippets in (("own", row["snippets"]), ("other", other["snippets"])):
                yield {"id": f"{row['_id']}-{n}-{kind}", "kind": kind, "sentence": text, "snippets": snippets}


def claimcheck(assistant: Any, case: Row) -> Mapping[str, float]:
    """A sentence is supported when any snippet passes the gate alone, or all together do."""
    plain = re.sub(r"\s+", " ", case["sentence"])
    ok = any(gate.check(plain, [snippet]).ok for snippet in case["snippets"]) or gate.check(plain, case["snippets"]).ok
    return {"own_supported": float(ok)} if case["kind"] == "own" else {"other_refused": float(not ok)}


TASKS = (
    Task("mutation", pairs, mutation, "rewordings kept, planted errors caught"),
    Task("thresholds", lambda: data.own("threshold_*.jsonl"), threshold, "patient value x rule x what is said"),
    Task("claimcheck", claims, claimcheck, "answer sentences against snippets"),
)
