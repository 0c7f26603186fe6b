"""Dates of pregnancy. Values are days; the date stands in the band."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from assistant.risk.equation import Outcome, equation

ACOG = "ACOG Committee Opinion 700. Obstet Gynecol 2017;129:e150-e154. doi:10.1097/AOG.0000000000002046"
SCAN = "an ultrasound of the first trimester is the most exact way to date a pregnancy"
CYCLE = "a cycle of 28 days, as in the rule itself: no other length was given"


def _cycle(cycle_length_days: float | None) -> tuple[float, tuple[str, ...]]:
    return (28, (CYCLE,)) if cycle_length_days is None else (cycle_length_days, ())


@equation(
    title="Estimated due date (Naegele)", unit="days after the last period", source=ACOG, digits=0,
    population="pregnant people with a known last period",
    formula="first day of the last period - 3 months + 1 year + 7 days + (cycle length - 28)", limits={"cycle_length_days": (20, 45)},
    aliases=["due date", "edd", "naegele", "naegele's rule", "estimated due date", "estimated date of delivery"], notes=[SCAN],
)  # fmt: skip
def due_date(*, last_period: date, cycle_length_days: float | None = None) -> Outcome:
    """Days from the last period to the due date by Naegele's rule, with the date as band."""
    cycle, notes = _cycle(cycle_length_days)
    due = _nine_months_on(last_period) + timedelta(days=7 + round(cycle - 28))
    by_days = last_period + timedelta(days=280 + round(cycle - 28))
    return Outcome((due - last_period).days, due.isoformat(),
                   (*notes, f"280 days after the last period, for the same cycle: {by_days.isoformat()}"))


def _nine_months_on(day: date) -> date:
    """The same day three months earlier, a year on; the last day of a month that is shorter."""
    year, month = (day.year, day.month + 9) if day.month <= 3 else (day.year + 1, day.month - 3)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@equation(
    title="Estimated date of conception", unit="days after the last period", source=ACOG, digits=0,
    population="pregnant people with a known last period",
    formula="first day of the last period + cycle length - 14 days", limits={"cycle_length_days": (20, 45)},
    aliases=["conception date", "estimated date of conception", "Estimated of Conception"],
    notes=[SCAN, "ovulation taken 14 days before the next period"],
)  # fmt: skip
def conception_date(*, last_period: date, cycle_length_days: float | None = None) -> Outcome:
    """Days from the last period to conception, with the date as band."""
    cycle, notes = _cycle(cycle_length_days)
    return Outcome(cycle - 14, (last_period + timedelta(days=round(cycle - 14))).isoformat(), notes)


@equation(
    title="Gestational age", unit="days", source=ACOG, digits=0, population="pregnant people with a known last period",
    formula="date - first day of the last period", aliases=["gestational age", "estimated gestational age"], notes=[SCAN],
)  # fmt: skip
def gestational_age(*, last_period: date, on_date: date) -> Outcome:
    """Days of gestation, with weeks and days as band."""
    days = (on_date - last_period).days
    if not 0 <= days <= 45 * 7:
        raise ValueError("the last period lies after the date, or more than 45 weeks before it")
    return Outcome(days, f"{days // 7} weeks {days % 7} days")
