"""What a summary of a note lacks: facts that no line of it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.notes.drugs import allergy_bullets, medication_bullets
from assistant.notes.lines import Note
from assistant.notes.problems import problem_bullets
from assistant.notes.results import result_bullets
from assistant.records import Bullet


def lacking(note: Note, bullets: Sequence[Bullet], *, brief: bool) -> list[Bullet]:
    """Facts that no bullet rests on. A brief style need hold only allergies and critical results."""
    shown = [span for bullet in bullets for span in bullet.spans]
    every = [*allergy_bullets(note), *(b for b in result_bullets(note) if not brief or "[CRITICAL" in b.text)]
    if not brief:
        every += [*medication_bullets(note), *(b for part in ("problems", "symptoms") for b in problem_bullets(note, part))]
    return [b for b in every if not any(s.start < place.end and place.start < s.end for s in shown for place in b.spans)]
