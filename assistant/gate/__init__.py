"""What stands between a sentence and its reader: support by its source, thresholds computed, cover decided before generation."""

from assistant.gate.support import WEIGHTS, Verdict, check, covered, read_claim

__all__ = ["WEIGHTS", "Verdict", "check", "covered", "read_claim"]
