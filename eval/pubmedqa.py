"""Yes, no or maybe from the abstract of a study by rules: which words of a finding stand in the sentences that share the question's words.

`python -m eval.pubmedqa [--model N]` reports accuracy and macro-F1 by folds; with --model also with the log-likelihood that the language
model gives to yes, no and maybe, on the first N questions. Reported, not used by the assistant.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.gate.claims import content_words
from assistant.settings import Settings
from eval import data

LABELS = ("yes", "no", "maybe")
WORDS: Mapping[str, str] = {
    "against": r"\bno (?:significant|statistically|difference|evidence|association|correlation|effect|benefit|change|advantage)"
    r"|\bnot (?:significant\w*|statistically|associated|differ\w*|improve\w*|affect\w*|increase\w*|reduce\w*|predict\w*|correlat\w*)"
    r"|\b(?:did|were|was) not\b|\bfailed to\b|\bsimilar\b|\bneither\b|\bno\b",
    "for": r"\bsignificant(?:ly)? (?!not)|\bassociated with\b|\bcorrelat\w+|\bincreas\w+|\bimprov\w+|\bhigher\b|\breduc\w+"
    r"|\blower\b|\bbetter\b|\beffective\w*|\bpredict\w+|\bindependent\w*|\bgreater\b|\bp ?[<=] ?0?\.0",
    "open": r"\bmay\b|\bmight\b|\bfurther\b|\blimited\b|\bunclear\b|\binconclusive\b|\bhowever\b|\balthough\b|\bonly\b"
    r"|\bborderline\b|\btrend\b",
    "p_large": r"\bp ?[>=] ?0?\.(?:[1-9]|0[6-9])|\bns\b",
}


def features(row: Mapping[str, Any]) -> list[float]:
    """Rates of the word classes in all sentences, in those nearest to the question, and in the last ones; and the question's own form."""
    text = " ".join(row["contexts"])
    parts = [part for part in re.split(r"(?<=[.!?])\s+", text) if part]
    asked = content_words(row["question"])
    nearest = sorted(parts, key=lambda part: -len(asked & content_words(part)))[:4]
    question = row["question"].lower()
    out = [_rate(pattern, some) for some in (parts, nearest, parts[-3:]) for pattern in WORDS.values()]
    return [*out, float(question.startswith(("is ", "are "))), float(question.startswith(("does ", "do ", "can ")))]


def _rate(pattern: str, parts: Sequence[str]) -> float:
    return sum(len(re.findall(pattern, part.lower())) for part in parts) / (len(parts) or 1)


def judged(x: NDArray[np.float64], y: NDArray[np.str_]) -> NDArray[np.str_]:
    """Label of each row by weights fitted on the other folds."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, class_weight="balanced", max_iter=2000))
    return np.asarray(cross_val_predict(model, x, y, cv=StratifiedKFold(5, shuffle=True, random_state=0)))


def report(name: str, truth: NDArray[np.str_], said: NDArray[np.str_]) -> None:
    """One line: accuracy, macro-F1, n."""
    from sklearn.metrics import f1_score

    accuracy, macro = float((truth == said).mean()), float(f1_score(truth, said, average="macro"))
    sys.stdout.write(f"{name:32} accuracy {accuracy:.3f}  macro-F1 {macro:.3f}  n={len(truth)}\n")


def likelihoods(rows: Sequence[Mapping[str, Any]]) -> NDArray[np.float64]:
    """Log-likelihood of each label under the language model, given the last part of the abstract; shape (n, 3)."""
    from assistant import llm

    model = llm.from_settings(Settings.load())
    prompts = [f"{' '.join(row['contexts'])[-1200:]}\n\nQuestion: {row['question']}\nAnswer (yes, no or maybe):" for row in rows]
    return np.array([model.log_likelihood(prompt, [f" {label}" for label in LABELS]) for prompt in prompts])


def main(arguments: list[str] | None = None) -> int:
    """Report by rules, and with the model where it is asked for."""
    parser = argparse.ArgumentParser(prog="python -m eval.pubmedqa", description=__doc__)
    parser.add_argument("--model", type=int, default=0, help="also with the model's likelihoods, on the first N questions")
    chosen = parser.parse_args(arguments)
    rows = data.read_jsonl(data.bench() / "pubmedqa" / "dev.jsonl")
    if not rows:
        sys.stdout.write("pubmedqa: its data is not here (set BENCH to the folder of the public sets)\n")
        return 0
    x, truth = np.array([features(row) for row in rows]), np.array([row["final_decision"] for row in rows])
    report("rules", truth, judged(x, truth))
    report("always yes", truth, np.full(len(truth), "yes"))
    if chosen.model:
        n = chosen.model
        extra = likelihoods(rows[:n])
        report("rules, first questions", truth[:n], judged(x[:n], truth[:n]))
        report("model alone, first questions", truth[:n], np.array(LABELS)[extra.argmax(axis=1)])
        both = np.hstack([x[:n], extra - extra.mean(axis=1, keepdims=True)])
        report("rules and model, first questions", truth[:n], judged(both, truth[:n]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
