"""Diagnostic suggestions, ranked and explained by rule and fitted weights."""
