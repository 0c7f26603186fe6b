"""Summaries of notes and dialogues: each line tied to its place in the note."""
