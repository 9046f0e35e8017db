"""Named points at which a test may kill, stop or fail this process (after FoundationDB's BUGGIFY).

Active only with `CHAPAR_TEST=1`. `CHAPAR_FAILPOINTS` lists `name=probability[:kill|raise|stop(seconds)]`,
comma-separated; the default action is kill. `CHAPAR_SEED` makes a process's choices repeatable.
"""

from __future__ import annotations

import os
import random
import re
import signal
import time
from functools import cache

from data.errors import Broken

NAMES = frozenset({
    "claim.before_commit", "claim.after_commit", "call.before_write", "call.after_answer",
    "settle.inside", "settle.after", "unknown.inside", "reap.inside", "resolve.before_lookup",
    "resolve.inside", "recover.inside", "plan.inside", "plan.after_file", "receipt.after_insert",
    "receipt.inside", "inbound.inside", "inbound.after_rows", "reply.after_file", "reply.inside",
})  # fmt: skip
_FORM = re.compile(r"(?P<name>[a-z_.]+)=(?P<prob>[0-9.]+)(:(?P<do>kill|raise|stop)(\((?P<arg>[0-9.]+)\))?)?")


class FailpointError(Broken):
    """Raised by a failpoint whose action is `raise`."""


def failpoint(name: str) -> None:
    """Do what the test asked for at this point; nothing outside test mode."""
    if os.environ.get("CHAPAR_TEST") != "1":
        return
    plan = _plan(os.environ.get("CHAPAR_FAILPOINTS", ""))
    if name not in plan:
        return
    probability, action, seconds = plan[name]
    if _random().random() >= probability:
        return
    if action == "stop":
        time.sleep(seconds)
    elif action == "raise":
        raise FailpointError(f"failpoint {name}")
    else:
        os.kill(os.getpid(), signal.SIGKILL)


@cache
def _plan(text: str) -> dict[str, tuple[float, str, float]]:
    plan = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        found = _FORM.fullmatch(item)
        if not found or found["name"] not in NAMES:
            raise Broken(
                f"CHAPAR_FAILPOINTS: {item!r} is not name=probability[:kill|raise|stop(seconds)]",
                f"CHAPAR_FAILPOINTS: «{item}» به شکل `name=probability[:kill|raise|stop(seconds)]` نیست",
            )
        plan[found["name"]] = (float(found["prob"]), found["do"] or "kill", float(found["arg"] or 1))
    return plan


@cache
def _random() -> random.Random:
    seed = os.environ.get("CHAPAR_SEED")
    return random.Random(f"{seed}/failpoints" if seed else None)  # noqa: S311 - chance for tests, not a secret
