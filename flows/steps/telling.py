"""The tables that are told of a run, in Persian and English: its audience, its cost, its deliveries."""

from __future__ import annotations

from typing import Any

from data.records import runs
from data.records.runs import Run
from data.rules import status
from data.rules.persian import persian_sentence
from data.store import operations
from data.use_cases import reports
from data.use_cases.floor import OPERATOR

Row = dict[str, Any]
STEPS = {  # step: (Persian, English)
    "matched": ("یافته‌شده", "matched"),
    "duplicate": ("تکراری", "repeated"),
    "suppressed": ("لیست سیاه و لغو", "suppressed"),
    "already_sent": ("پیش‌تر گرفته", "had it already"),
    "not_in_slice": ("بیرون از ردیف و تعداد", "outside row and count"),
    "selected": ("برگزیده", "selected"),
}
LANGUAGES = {"gsm7": ("لاتین", "Latin"), "ucs2": ("فارسی", "Persian")}
TOTAL = ("جمع", "total")


def run_of(run_id: int) -> Run:
    """Return the run as it stands now."""
    with operations.reading() as c:
        return runs.get(c, run_id)


def waterfall(run: Run) -> list[Row]:
    """Return a row for each step from those who matched to those who were selected."""
    return [
        {
            "گام": STEPS[row["step"]][0],
            "step": STEPS[row["step"]][1],
            "removed": row["removed"],
            "left": row["left"],
        }
        for row in run.waterfall or []
    ]


def cost(run: Run) -> list[Row]:
    """Return a row for each operator and language, and their sum."""
    rows = [_cost_row(row) for row in run.by_operator or []]
    total = {"operator": f"{TOTAL[1]} / {TOTAL[0]}", "language": "", "recipients": run.n, "parts": run.parts}
    return [*rows, total | {"rials": run.cost_rials}]


def deliveries(run: Run) -> list[Row]:
    """Return a row for each state that messages are in now, most first."""
    counts = sorted(reports.run(OPERATOR, run.id).states.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"وضعیت": status.LABELS[state][0], "state": status.LABELS[state][1], "messages": n,
         "share": f"{n / run.n:.1%}" if run.n else ""}
        for state, n in counts
    ]  # fmt: skip


def delivery_markdown(run: Run) -> str:
    """Return the summary of a run's deliveries as Markdown, first Persian, then English."""
    rows = deliveries(run)
    fa, en = status.RUN_LABELS[run.state]
    persian = ["| وضعیت | پیامک | سهم |", "|---|---:|---:|"]
    english = ["| State | Messages | Share |", "|---|---:|---:|"]
    for row in rows:
        persian.append(f"| {row['وضعیت']} | {row['messages']:,} | {row['share']} |")
        english.append(f"| {row['state']} | {row['messages']:,} | {row['share']} |")
    head = f"## اجرای {run.id}: {fa}\n\n{run.n:,} گیرنده، {run.parts:,} صفحه، {run.cost_rials:,} ریال\n"
    tail = f"## Run {run.id}: {en}\n\n{run.n:,} recipients, {run.parts:,} parts, {run.cost_rials:,} rials\n"
    return "\n".join([persian_sentence("\n".join([head, *persian])), "", tail, *english, ""])


def _cost_row(row: Row) -> Row:
    language = LANGUAGES.get(row["language"], (row["language"], row["language"]))
    return {
        "operator": row["operator"], "language": f"{language[1]} / {language[0]}",
        "recipients": row["recipients"], "parts": row["parts"], "rials": row["cost_rials"],
    }  # fmt: skip
