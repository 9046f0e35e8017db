"""People by gender and age; ages are counted on the day of the run from birth dates (R1.41-R1.45)."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from targeting.codes import Code
from targeting.criterion import Condition, Ground, Rented, both, equals, need
from targeting.names import Vocabulary

AGE_MAX = 120
MALE, FEMALE = Code("male"), Code("female")
GENDERS = Vocabulary({
    MALE: ("male", "man", "men", "m", "مرد", "مردان", "آقا", "آقایان", "مذکر"),
    FEMALE: ("female", "woman", "women", "f", "زن", "زنان", "خانم", "خانم‌ها", "بانوان", "مؤنث"),
    None: ("all", "both", "any", "همه", "هر دو"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class GenderAge:
    """Ages are whole years, both ends included; without `gender` both;
    an unknown birth date never matches.
    """

    kind: ClassVar[str] = "gender_age"
    own: ClassVar[bool] = False

    age_from: int
    age_to: int
    gender: str | None = None
    province: str | None = None
    city: str | None = None
    operator: str | None = None

    def __post_init__(self) -> None:
        """Refuse unknown genders and empty ranges of ages."""
        need(self.gender is None or self.gender in GENDERS, "gender", lambda: (
            "use male, female or all", "male (مرد) یا female (زن) یا all (همه) بنویسید",
        ))  # fmt: skip
        need(0 <= self.age_from <= AGE_MAX, "age_from", _ages)
        need(self.age_from <= self.age_to <= AGE_MAX, "age_to", _ages)

    def understood(self, ground: Ground) -> Rented:
        """Return who has such an age on the day of the run; refuse unknown places and operators."""
        province, city = ground.places.area(self.province, self.city)
        operator = ground.places.operator(self.operator)
        ground.places.holds.refuse_lacking("born_on", "age_from")
        gender = GENDERS.code(self.gender)
        fixed = (equals("province", province), equals("city", city), equals("gender", gender),
                 equals("operator", operator))  # fmt: skip
        form = {"province": province, "city": city, "gender": gender, "operator": operator}
        return Rented(
            self.kind,
            form | {"age_from": self.age_from, "age_to": self.age_to},
            lambda _, today: both(*fixed, self._aged(today)),
        )

    def _aged(self, today: date) -> Condition:
        youngest, too_old = turned(today, self.age_from), turned(today, self.age_to + 1)
        return Condition("s.born_on <= ? AND s.born_on > ?", [youngest, too_old])


def turned(today: date, age: int) -> date:
    """Return the last birth date of those who are at least `age` on `today`.

    Birthdays are civil and Gregorian; who is born on 29 February has a birthday on 1 March in common years.
    """
    year = max(today.year - age, 1)
    in_leap_only = today.month == 2 and today.day == 29 and not calendar.isleap(year)
    return date(year, 2, 28) if in_leap_only else today.replace(year=year)


def _ages() -> tuple[str, str]:
    return (
        f"use ages from 0 to {AGE_MAX}, age_from no greater than age_to",
        f"سن از ۰ تا {AGE_MAX} باشد و age_from از age_to بزرگ‌تر نباشد",
    )
