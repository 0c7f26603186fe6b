"""Copies of notes without what identifies a person."""
