"""What error codes prove: a table per gateway, one way to judge a call by it (protocol.md 2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from data.rules import reasons
from gateways import http, wire_json
from gateways.gateway import RESULTS, Answer, Outcome
from gateways.settings import Code


def by_body(answer: Answer, table: Mapping[str, Code]) -> Outcome | None:
    """Judge an answer by the code it names at its top, `{"code": …}`, or by a status that is listed.

    None when there is no such code: then the status, and for a 200 the results, decide.
    """
    if answer.kind != "answered":
        return None
    named = _top_code(answer) if answer.status == 200 or 400 <= (answer.status or 0) < 500 else None
    code = named if named is not None and named in table else str(answer.status)
    if code in table:
        return called(answer, code, table[code])
    if named is not None and answer.status == 200:
        return http.outcome(
            "amb", answer, f"an error code that is not in the table: {named[:40]}", code=named
        )
    return None


def called(answer: Answer, code: str, meaning: Code, words: tuple[str, str] | None = None) -> Outcome:
    """Return the outcome of a whole call that a listed code decided; `words` are the provider's own, Persian
    and English.
    """
    why = f"the gateway says {code}"
    if words:
        why = reasons.both(f"{why}: {words[1]}", f"درگاه می‌گوید {code}: {words[0]}")
    return http.outcome(meaning.outcome, answer, why, code=code, stops_line=meaning.stops_line)


def _top_code(answer: Answer) -> str | None:
    head = wire_json.plain(answer)[:512]
    if b'"code"' not in head or b'"results"' in head:
        return None
    found = wire_json.decoded(answer).get("code")
    return None if found is None else str(found)


def matched(said: pl.DataFrame, messages: pl.DataFrame) -> pl.DataFrame | None:
    """Match an answer (to, ok, id, code) to our messages by number.

    Returns pos, ok, gid, code for every message, or None unless each of ours is named exactly once with a
    yes or a no, a yes has an id, and nobody else is named.
    """
    if said.height != messages.height or said.get_column("ok").null_count():
        return None
    numbers = said.get_column("to").cast(pl.UInt64, strict=False)
    if not numbers.equals(messages.get_column("msisdn")):  # another order: look each up
        if numbers.null_count() or numbers.n_unique() != numbers.len():
            return None
        said = messages.select("msisdn").join(
            said.with_columns(numbers.alias("msisdn")), on="msisdn", how="left", maintain_order="left"
        )
        if said.get_column("ok").null_count():
            return None
    ok, gid = said.get_column("ok"), said.get_column("id")
    if gid.null_count() and (gid.is_null() & ok).any():
        return None
    return pl.DataFrame([messages.get_column("pos"), ok, gid.alias("gid"), said.get_column("code")])


def judged(answer: Answer, results: pl.DataFrame, table: Mapping[str, Code]) -> Outcome:
    """Judge a complete answer, message by message.

    Some accepted → ok. None accepted: all for reasons that may pass → notsent; else rej. A code that the
    table does not list (or lists as amb) → amb for the call.
    """
    count = int(results.get_column("ok").sum())
    if count == results.height:
        code = pl.Series("code", [None], dtype=pl.String).new_from_index(0, count)
        state = pl.Series("state", ["submitted"]).new_from_index(0, count)
        done = pl.DataFrame([*results.get_columns()[:3], code, state])
        return accepted(answer, done)
    refused = results.filter(~pl.col("ok")).get_column("code").unique(maintain_order=True).to_list()
    unlisted = [code for code in refused if code not in table or table[code].outcome == "amb"]
    if unlisted:
        return http.outcome("amb", answer, f"a code that is not in the table: {str(unlisted[0])[:40]}")
    if count == 0 and all(table[code].outcome == "notsent" for code in refused):
        stops = any(table[code].stops_line for code in refused)
        return http.outcome(
            "notsent", answer, f"the gateway says {refused[0]}", code=refused[0], stops_line=stops
        )
    done = _with_states(results, table)
    if count == 0:
        return replace(
            http.outcome("rej", answer, "every message was refused", code=refused[0]), results=done
        )
    return accepted(answer, done)


def accepted(answer: Answer, results: pl.DataFrame) -> Outcome:
    """Return the outcome of a call of which something, at least, was accepted."""
    why = f"{results.get_column('ok').sum()} accepted"
    return Outcome("ok", why, None, answer.status, len(answer.body), results=results)


def _with_states(results: pl.DataFrame, table: Mapping[str, Code]) -> pl.DataFrame:
    states = {code: meaning.state for code, meaning in table.items()}
    state = pl.col("code").replace_strict(states, default=None, return_dtype=pl.String)
    return results.with_columns(
        pl.when(~pl.col("ok")).then("code").alias("code"),
        pl.when("ok").then(pl.lit("submitted")).otherwise(state).alias("state"),
    ).cast(dict(RESULTS))  # type: ignore[arg-type]
