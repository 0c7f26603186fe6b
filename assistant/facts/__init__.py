"""Facts of a patient out of free text, each with its place: deterministic, and no model."""

from assistant.facts.patient import extract, findings, implies, whole

__all__ = ["extract", "findings", "implies", "whole"]
