"""The simulator's webhooks: receipts and inbound, late, twice, mixed up or never, as Behaviour says."""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data import clock
from gateways.simulator.behaviour import Behaviour

TICK_SECONDS = 0.02
POST_TIMEOUT_SECONDS = 10.0
RETRY_MAX_SECONDS = 5.0
TRIES_MAX = 200  # of one body; a webhook gone for longer has lost its receipts, as with real gateways


@dataclass(slots=True)
class Post:
    """One webhook body on its way."""

    path: str
    body: bytes
    n: int
    tries: int = 0


class Postman:
    """One thread that keeps what is due and posts it over one connection."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.webhook = behaviour.webhook
        self.posted = 0
        self.waiting = 0
        self.how = behaviour
        self._new: list[pl.DataFrame] = []
        self._lock = threading.Lock()
        self._rng = np.random.default_rng(behaviour.seed)
        self._conn: http.client.HTTPConnection | None = None
        threading.Thread(target=self._loop, name="postman", daemon=True).start()

    def accepted(self, ref: str, line: str, numbers: NDArray[np.uint64], ids: NDArray[np.uint64]) -> None:
        """Plan the receipts and replies of messages that were just accepted."""
        if not self.webhook or not numbers.size:
            return
        how = self.how
        words, due = how.words(numbers), time.monotonic() + how.delays(numbers)
        frame = pl.DataFrame(
            {"due": due, "id": ids, "ref": ref, "to": numbers, "status": words, "line": line, "kind": "dlr"}
        )
        extra = [frame.filter(pl.Series(how.copied(numbers)))] if how.duplicates else []
        if how.stages:
            early = (pl.col("due") - how.delay_ms[0] / 2000).alias("due")
            extra.append(frame.with_columns(early, pl.lit("ENROUTE").alias("status")))
        if how.replies:
            writing = frame.filter(pl.Series(how.replying(numbers)) & pl.Series(words == "DELIVERED"))
            extra.append(writing.with_columns(pl.lit("mo").alias("kind"), pl.col("due") + 0.01))
        kept = frame.filter(~pl.Series(how.lost(numbers))) if how.losses else frame
        with self._lock:
            self._new += [kept, *extra]
            self.waiting += kept.height + sum(one.height for one in extra)

    def _loop(self) -> None:
        pending: pl.DataFrame | None = None
        posts: list[Post] = []
        while True:
            with self._lock:
                new, self._new = self._new, []
            frames = [*([pending] if pending is not None else []), *new]
            pending = pl.concat(frames) if frames else None
            if pending is not None and pending.height:
                late = pl.col("due") <= time.monotonic()
                due, pending = pending.filter(late), pending.filter(~late)
                posts += self._bodies(due)
            posts = self._deliver(posts)
            if not posts:
                time.sleep(TICK_SECONDS)

    def _bodies(self, due: pl.DataFrame) -> list[Post]:
        if self.how.disorder and due.height > 1:
            due = due[self._rng.permutation(due.height)]
        now = datetime.now(UTC) - clock.behind()
        at = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        receipts = due.filter(pl.col("kind") == "dlr").select(
            pl.col("id").cast(pl.String),
            "ref",
            pl.col("to").cast(pl.String),
            "status",
            pl.lit(at).alias("at"),
        )
        made = [
            Post("/dlr", part.write_json().encode(), part.height)
            for part in receipts.iter_slices(self.how.receipts_per_post)
        ]
        inbound = due.filter(pl.col("kind") == "mo")
        if inbound.height:
            made.append(Post("/mo", self._replies(inbound, at), inbound.height))
        return made

    def _replies(self, inbound: pl.DataFrame, at: str) -> bytes:
        texts = self.how.reply_texts
        text = pl.lit(pl.Series("text", texts)).gather(pl.col("to") % len(texts))
        return (
            inbound.select(
                pl.format("mo-{}", "id").alias("id"), pl.col("to").cast(pl.String).alias("from"),
                pl.col("line").alias("to"), text.alias("text"), pl.lit(at).alias("at"),
            ).write_json().encode()
        )  # fmt: skip

    def _deliver(self, posts: list[Post]) -> list[Post]:
        """Post in order; at the first that is not taken, wait a moment and keep it and the rest."""
        for done, post in enumerate(posts):
            if not self._post(post):
                post.tries += 1
                if post.tries >= TRIES_MAX:
                    return posts[done + 1 :]
                time.sleep(min(0.05 * 2 ** min(post.tries, 8), RETRY_MAX_SECONDS))
                return posts[done:]
            with self._lock:
                self.posted += post.n
                self.waiting -= post.n
        return []

    def _post(self, post: Post) -> bool:
        where = urlsplit(self.webhook)
        try:
            if self._conn is None or (self._conn.host, self._conn.port) != (where.hostname, where.port or 80):
                self._conn = http.client.HTTPConnection(
                    where.hostname or "", where.port or 80, timeout=POST_TIMEOUT_SECONDS
                )
            path = where.path.rstrip("/") + post.path
            self._conn.request("POST", path, post.body, {"Content-Type": "application/json"})
            answer = self._conn.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            if self._conn is not None:
                self._conn.close()
            self._conn = None
            return False
        return answer.status == 200
