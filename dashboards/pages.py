"""Every page, one line each: its group in the bar, its path, its icon, the manual's number, its view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from dashboards import words
from dashboards.session import Here
from dashboards.views.account import users
from dashboards.views.home import home
from dashboards.views.phonebook import suppression
from dashboards.views.reports import report, reports
from dashboards.views.send import compose
from dashboards.widgets.collection import Collection
from data.rules import rights
from data.rules.rights import Right


@dataclass(frozen=True, slots=True)
class Entry:
    """A page; `listed` ones stand in the vertical menu of their group, for whoever has the right.

    `manual` is the number of its section in the manual, by which people ask for it: the anchor of its title.
    """

    section: str
    path: str
    icon: str
    draw: Callable[[Here], None]
    manual: str = ""
    listed: bool = True
    right: Right = "view"

    @property
    def address(self) -> str:
        """Its path in the browser; the home page has none."""
        return "" if self.path == "home" else self.path

    def title(self, language: str) -> str:
        """Return its title: of a send page the name of the kind."""
        kind = self.path.removeprefix("send-").replace("-", "_")
        return (
            words.kind(kind, language) if self.section == "send" else words.say(f"page_{self.path}", language)
        )

    def may(self, here: Here) -> bool:
        """Say whether the page is offered to a person; the use cases behind it decide for themselves."""
        return rights.may(here.viewer.user.role, self.right)


PAGES: Final = (
    Entry("home", "home", ":material/home:", home.show),
    Entry("send", "send-quick", ":material/bolt:", partial(compose.show, "quick"), "1-1"),
    Entry("send", "send-area", ":material/map:", partial(compose.show, "area")),
    Entry("send", "send-bts", ":material/cell_tower:", partial(compose.show, "bts"), "1-3"),
    Entry("send", "send-gender-age", ":material/groups:", partial(compose.show, "gender_age"), "1-4"),
    Entry(
        "send", "send-region-irancell", ":material/location_city:",
        partial(compose.show, "region_irancell"), "1-5",
    ),
    Entry("send", "send-postcode", ":material/markunread_mailbox:", partial(compose.show, "postcode"), "1-6"),
    Entry("send", "send-region", ":material/sim_card:", partial(compose.show, "region"), "1-7"),
    Entry("send", "send-district", ":material/holiday_village:", partial(compose.show, "district"), "1-8"),
    Entry("send", "send-file", ":material/upload_file:", partial(compose.show, "file"), "1-9"),
    Entry("send", "send-occupation", ":material/work:", partial(compose.show, "occupation"), "1-11"),
    Entry("reports", "reports", ":material/list_alt:", reports.show, "2"),
    Entry("reports", "report", ":material/monitoring:", report.show, "2", listed=False),
    Entry("phonebook", "suppression", ":material/do_not_disturb_on:", suppression.show, "5"),
    Entry("account", "users", ":material/manage_accounts:", users.show, "13", right="people"),
)
COLLECTIONS: Final[dict[str, Collection]] = {
    its.noun: its for its in (suppression.SUPPRESSION, users.USERS)
}  # what can be taken away as a file, by noun
# The seven groups of the bar; one shows with its first page.
SECTION_ICONS: Final = {
    "home": ":material/home:",
    "send": ":material/send:",
    "reports": ":material/monitoring:",
    "inbox": ":material/inbox:",
    "contests": ":material/emoji_events:",
    "phonebook": ":material/contacts:",
    "account": ":material/account_balance_wallet:",
}
SECTIONS: Final = tuple(
    section for section in SECTION_ICONS if any(entry.section == section for entry in PAGES)
)
