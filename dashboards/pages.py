"""Every page, one line each: its section, its path, its icon, and the view that draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from dashboards import words
from dashboards.session import Here
from dashboards.views import home, report, reports, send


@dataclass(frozen=True, slots=True)
class Entry:
    """A page; `listed` ones stand in the vertical menu of their section."""

    section: str
    path: str
    icon: str
    draw: Callable[[Here], None]
    listed: bool = True

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


PAGES = (
    Entry("home", "home", ":material/home:", home.show),
    Entry("send", "send-quick", ":material/bolt:", partial(send.show, "quick")),
    Entry("send", "send-area", ":material/map:", partial(send.show, "area")),
    Entry("send", "send-bts", ":material/cell_tower:", partial(send.show, "bts")),
    Entry("send", "send-gender-age", ":material/groups:", partial(send.show, "gender_age")),
    Entry("send", "send-region-irancell", ":material/location_city:", partial(send.show, "region_irancell")),
    Entry("send", "send-region", ":material/sim_card:", partial(send.show, "region")),
    Entry("send", "send-postcode", ":material/markunread_mailbox:", partial(send.show, "postcode")),
    Entry("send", "send-district", ":material/holiday_village:", partial(send.show, "district")),
    Entry("send", "send-file", ":material/upload_file:", partial(send.show, "file")),
    Entry("send", "send-occupation", ":material/work:", partial(send.show, "occupation")),
    Entry("reports", "reports", ":material/list_alt:", reports.show),
    Entry("reports", "report", ":material/monitoring:", report.show, listed=False),
)
SECTIONS = tuple(dict.fromkeys(entry.section for entry in PAGES))
SECTION_ICONS = {"home": ":material/home:", "send": ":material/send:", "reports": ":material/monitoring:"}
