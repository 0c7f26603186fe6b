"""Measures the assistant: tasks, metrics, reports; `python -m eval`."""
