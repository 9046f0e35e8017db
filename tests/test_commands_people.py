"""People, money, lines, gateways, campaigns and suppression by command, each account its own with --as."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from command_line import Chapar, chapar, furnished, order

import flows.commands
from data import clock as the_clock
from data.records import sessions, users
from data.rules import rights
from data.store import operations

__all__ = ["chapar", "furnished"]  # fixtures
VERBS = ("status", "report", "start", "pause", "resume", "stop", "run")
SARA = ("user", "create", "sara", "--account", "shop", "--role")


def _signs_in(name: str, password: str) -> bool:
    with operations.reading() as c:
        found = users.credentials(c, name)
    return found is not None and users.matches(found[1], password)


def test_a_person_is_let_in_with_a_password_that_is_printed_once(furnished: Chapar) -> None:
    _, made = furnished(*SARA, "user", code=0)
    assert (made["user"], made["account"], made["role"]) == ("sara", "shop", "user")
    assert _signs_in("sara", made["password"])
    _, shown = furnished("user", "show", "sara", code=0)
    assert "password" not in shown
    _, anew = furnished("user", "password", "sara", code=0)
    assert _signs_in("sara", anew["password"])
    assert not _signs_in("sara", made["password"])


def test_a_password_from_standard_input_is_not_printed(
    furnished: Chapar, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    _, made = furnished(*SARA, "user", "--password-stdin", code=0)
    assert "password" not in made
    assert _signs_in("sara", "correct horse battery")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    _, refused = furnished("user", "password", "sara", "--password-stdin", code=2)
    assert refused["error"]["field"] == "password"


def test_a_suspended_person_is_out_until_restored_and_roles_change(furnished: Chapar) -> None:
    _, made = furnished(*SARA, "marketer", code=0)
    with operations.writing() as c:
        found = users.credentials(c, "sara")
        assert found
        opaque = sessions.open_session(c, found[0], address="127.0.0.1", now=the_clock.now())
    _, out = furnished("user", "suspend", "sara", code=0)
    assert (out["active"], out["sessions_ended"]) == (False, 1)
    assert not _signs_in("sara", made["password"])
    with operations.reading() as c:
        assert sessions.find_session(c, opaque, now=the_clock.now()) is None
    furnished("user", "restore", "sara", code=0)
    assert _signs_in("sara", made["password"])
    _, given = furnished("user", "role", "sara", "finance", code=0)
    assert given["role"] == "finance"
    _, refused = furnished("user", "role", "sara", "admin", code=2)
    assert refused["error"]["field"] == "role"


def test_lists_go_on_where_they_ended(furnished: Chapar) -> None:
    for name in ("ava", "bita", "cyrus"):
        furnished("user", "create", name, "--account", "shop", "--role", "analyst", code=0)
    _, first = furnished("user", "list", "--limit", "2", code=0)
    _, second = furnished("user", "list", "--limit", "2", "--after", first["after"], code=0)
    assert [one["user"] for one in first["users"] + second["users"]] == ["ava", "bita", "cyrus"]
    assert (first["total"], second["after"]) == (3, None)
    ids = [furnished("campaign", "create", "@", stdin=order(title=f"t{n}"), code=0)[1] for n in range(3)]
    _, newest = furnished("campaign", "list", "--limit", "2", code=0)
    _, older = furnished("campaign", "list", "--limit", "2", "--after", str(newest["after"]), code=0)
    told = [one["campaign_id"] for one in newest["campaigns"] + older["campaigns"]]
    assert told == [one["campaign_id"] for one in reversed(ids)]
    assert older["after"] is None
    furnished("account", "create", "alpha", code=0)
    _, accounts = furnished("account", "list", "--limit", "1", code=0)
    assert ([one["name"] for one in accounts["accounts"]], accounts["after"]) == (["alpha"], "alpha")


def test_credit_is_given_and_what_is_free_taken_back(furnished: Chapar) -> None:
    _, more = furnished("account", "credit", "shop", "5000", "--why", "a transfer", code=0)
    assert more["available_rials"] == 1_005_000
    _, less = furnished("account", "credit", "shop", "-1005000", "--why", "by mistake", code=0)
    assert less["available_rials"] == less["account"]["available_rials"] == 0
    furnished("account", "credit", "shop", "-1", "--why", "once more", code=2)
    assert furnished("audit", code=0)[1]["balanced"]


def test_a_line_is_shown_and_its_price_changed(furnished: Chapar) -> None:
    _, shown = furnished("line", "show", "3000", code=0)
    told = shown["line"]
    assert (told["price_rials"], told["account"], told["hours"]) == (90, "shop", None)
    _, changed = furnished("line", "edit", "3000", "--price", "110", "--hours", "08:00", "21:00", code=0)
    assert (changed["line"]["price_rials"], changed["line"]["cost_rials"]) == (110, 60)
    assert changed["line"]["hours"] == ["08:00", "21:00"]
    _, quoted = furnished("campaign", "create", "@", stdin=order(), code=0)
    assert quoted["cost_rials"] == quoted["parts"] * 110
    for words in (["--price", "-1"], ["--hours", "25:00", "26:00"], ["--hours", "08:00"], []):
        furnished("line", "edit", "3000", *words, code=2)
    furnished("line", "show", "3001", code=2)


def test_a_shared_line_is_sent_from_by_both_and_belongs_to_one(furnished: Chapar) -> None:
    furnished("account", "create", "other", "--credit", "10000", code=0)
    its = order(account="other")
    furnished("campaign", "create", "@", stdin=its, code=2)
    furnished("line", "share", "3000", "other", code=0)
    _, shown = furnished("line", "list", "--as", "other", code=0)
    assert [(one["name"], one["account"]) for one in shown["lines"]] == [("3000", "")]
    furnished("campaign", "create", "@", "--as", "other", stdin=its, code=0)
    furnished("line", "resume", "3000", "--as", "other", code=2)
    assert len(furnished("line", "list", code=0)[1]["lines"]) == 1
    furnished("line", "share", "3000", "other", "--remove", code=0)
    furnished("campaign", "create", "@", "--as", "other", stdin=its, code=2)


def test_a_gateway_is_shown_without_its_token(furnished: Chapar) -> None:
    _, shown = furnished("gateway", "show", "sim", code=0)
    assert (shown["gateway"]["class"], len(shown["webhooks"])) == ("G2", 2)
    _, listed = furnished("gateway", "list", code=0)
    assert listed["gateways"] == [shown["gateway"]]
    furnished("gateway", "show", "none", code=2)


def test_numbers_are_suppressed_listed_and_taken_back(furnished: Chapar, tmp_path: Any) -> None:
    words = ("09121230001", "x", "--account", "shop", "--why", "asked")
    _, added = furnished("suppression", "add", *words, code=0)
    assert (added["added"], added["existing"], len(added["rejected"])) == (1, 0, 1)
    file = tmp_path / "list.csv"
    file.write_text("number\n0912 123 0001\n09121230002\n", encoding="utf-8")
    _, read = furnished("suppression", "import", str(file), "--account", "shop", "--why", "old list", code=0)
    assert (read["added"], read["existing"]) == (1, 1)
    _, listed = furnished("suppression", "list", "--as", "shop", "--limit", "1", code=0)
    _, rest = furnished("suppression", "list", "--as", "shop", "--after", str(listed["after"]), code=0)
    told = [one["number"] for one in listed["suppressed"] + rest["suppressed"]]
    assert sorted(told) == [989121230001, 989121230002]
    _, gone = furnished("suppression", "remove", "09121230002", "--as", "shop", "--why", "wrong", code=0)
    assert gone["removed"] == 1
    _, everybody = furnished("suppression", "list", code=0)
    assert everybody["suppressed"] == []


def test_another_account_is_unknown_to_whoever_speaks_as_one(furnished: Chapar) -> None:
    furnished("account", "create", "other", code=0)
    _, made = furnished("campaign", "create", "@", stdin=order(), code=0)
    its = str(made["campaign_id"])
    for words in (
        *(("campaign", verb, its) for verb in VERBS),
        ("account", "show", "shop"), ("line", "show", "3000"), ("line", "list", "--account", "shop"),
        ("line", "resume", "3000"), ("user", "list", "--account", "shop"), ("user", "show", "sara"),
        ("suppression", "list", "--account", "shop"), ("why", "09120000001", "--run", "1"),
        ("suppression", "add", "09121230001", "--account", "shop", "--why", "w"),
    ):  # fmt: skip
        code, told = furnished(*words, "--as", "other")
        assert (code, told["error"]["kind"]) == (2, "Refused"), words
    code, _ = furnished("campaign", "create", "@", "--as", "other", stdin=order())
    assert code == 2
    assert furnished("campaign", "list", "--as", "other", code=0)[1]["campaigns"] == []
    _, own = furnished("account", "list", "--as", "other", code=0)
    assert [one["name"] for one in own["accounts"]] == ["other"]
    assert furnished("campaign", "status", its, "--as=shop", code=0)[1]["state"] == "draft"


def test_what_is_the_installations_is_done_by_no_customer(furnished: Chapar) -> None:
    for words in (
        ("doctor",), ("settings",), ("audit",), ("dispatch", "--drain"), ("receipts", "--drain"),
        ("worker", "--once"), ("population", "show"), ("gateway", "list"), ("gateway", "show", "sim"),
        ("account", "create", "mine"), ("account", "credit", "shop", "5", "--why", "w"),
        ("line", "edit", "3000", "--price", "1"),
    ):  # fmt: skip
        code, told = furnished(*words, "--as", "shop")
        assert (code, told["error"]["kind"], told["error"]["field"]) == (2, "NotAllowed", "role"), words
    code, told = furnished("account", "list", "--as", "nobody")
    assert (code, told["error"]["field"]) == (2, "as")
    assert furnished("account", "list", "--as", code=2)[1]["error"]["field"] == "as"


NEEDS: list[tuple[str, tuple[str, ...]]] = [
    ("view", ("campaign", "list")),
    ("view", ("line", "list")),
    ("view", ("account", "show", "shop")),
    ("view", ("suppression", "list")),
    ("send", ("campaign", "start", "1")),
    ("send", ("suppression", "add", "09121230001", "--why", "w")),
    ("people", ("user", "list")),
    ("people", ("user", "create", "sara", "--role", "analyst")),
    ("home", ("account", "credit", "shop", "5", "--why", "w")),
    ("home", ("gateway", "list")),
]


@pytest.mark.parametrize("role", rights.ROLES)
def test_each_role_may_by_command_what_the_table_says_and_no_more(
    furnished: Chapar, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    furnished("campaign", "create", "@", stdin=order(), code=0)
    asked = flows.commands.who

    def speaking() -> Any:
        return replace(asked(), role=role)

    for module in ("campaign", "line", "account", "suppression", "user", "gateway"):
        monkeypatch.setattr(f"flows.commands.{module}.who", speaking)
    monkeypatch.setattr("flows.speaker.who", speaking)
    for right, words in NEEDS:
        code, told = furnished(*words, "--as", "shop")
        refused = code == 2 and told["error"]["kind"] == "NotAllowed"
        assert refused != rights.may(role, right), (words, told)  # type: ignore[arg-type]


def test_what_a_line_can_is_set_shown_and_asked_for_by_the_kinds_that_need_it(furnished: Chapar) -> None:
    _, told = furnished("line", "show", "3000", code=0)
    assert told["line"]["can"] == ["receive", "demographic"]
    _, told = furnished("line", "edit", "3000", "--can", "flash", "receive", code=0)
    assert told["line"]["can"] == ["receive", "flash"]
    _, told = furnished("line", "edit", "3000", "--can", "fly", code=2)
    assert told["error"]["field"] == "can"
    new = ("line", "create", "5001", "--gateway", "sim", "--account", "shop", "--kind", "ad", "--price", "9",
           "--cost", "1")  # fmt: skip
    _, told = furnished(*new, "--can", "none", code=0)
    assert told["line"]["can"] == []
    women = {"any": [{"kind": "gender_age", "gender": "female", "age_from": 25, "age_to": 40}]}
    order = {"account": "shop", "line": "5001", "text": "x", "audience": women}
    _, told = furnished("campaign", "create", "@", stdin=order, code=2)
    assert told["error"]["field"] == "line"
    assert "none of this account's" in told["error"]["say"]
    furnished("line", "edit", "5001", "--can", "demographic", code=0)
    _, told = furnished("campaign", "create", "@", stdin=order, code=2)
    assert told["error"]["field"] != "line"


def test_a_filter_that_nothing_matches_is_refused_and_another_account_is_unknown(furnished: Chapar) -> None:
    furnished("campaign", "create", "@", stdin=order(), code=0)
    furnished("account", "create", "other", code=0)
    for words, field in ((("--state", "bogus"), "state"), (("--kind", "map"), "kind"),
                         (("--account", "nosuch"), "account")):  # fmt: skip
        _, told = furnished("campaign", "list", *words, code=2)
        assert told["error"]["field"] == field
    furnished("campaign", "list", "--account", "shop", "--as", "other", code=2)
    _, told = furnished("campaign", "list", "--account", "shop", "--state", "draft", code=0)
    assert told["total"] == 1


def test_an_order_stays_with_its_account_and_says_so(furnished: Chapar) -> None:
    _, made = furnished("campaign", "create", "@", stdin=order(), code=0)
    furnished("account", "create", "other", code=0)
    moved = order(account="other")
    _, told = furnished("campaign", "edit", str(made["campaign_id"]), "@", stdin=moved, code=2)
    assert "stays with its account" in told["error"]["say"]


def test_who_runs_a_draft_as_an_account_started_it(furnished: Chapar) -> None:
    _, made = furnished("campaign", "create", "@", stdin=order(), code=0)
    furnished("campaign", "run", str(made["campaign_id"]), "--as", "shop", "--wait", "1")
    with operations.reading() as c:
        rows = c.execute(sa.text("SELECT actor FROM audit_log WHERE action = 'campaign.start'")).all()
    assert [row.actor for row in rows] == ["command as shop"]


def test_an_edit_tells_what_the_order_would_reach_and_cost_now(furnished: Chapar) -> None:
    _, made = furnished("campaign", "create", "@", stdin=order(), code=0)
    twice = order(text="سلام " * 20)
    _, told = furnished("campaign", "edit", str(made["campaign_id"]), "@", stdin=twice, code=0)
    assert told["order"]["parts"] == 2 * made["parts"]
    assert told["order"]["price_rials"] == 2 * made["price_rials"]
    _, again = furnished("campaign", "create", "@", stdin=twice, code=0)
    assert told["order"] == {name: again[name] for name in told["order"]}
