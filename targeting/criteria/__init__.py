"""Every criterion there is, in the order that pages show them: one line each."""

from __future__ import annotations

from targeting.criteria.circle import Circle
from targeting.criteria.district import District
from targeting.criteria.file import File
from targeting.criteria.gender_age import GenderAge
from targeting.criteria.line import Line
from targeting.criteria.numbers import Numbers
from targeting.criteria.occupation import Occupation
from targeting.criteria.polygon import Polygon
from targeting.criteria.postcode import Postcode
from targeting.criteria.prefix import Prefix
from targeting.criteria.region import Region
from targeting.criteria.towers import Towers
from targeting.criteria.towers_in import TowersIn
from targeting.criterion import Criterion

CRITERIA: dict[str, type[Criterion]] = {
    "numbers": Numbers,
    "file": File,
    "circle": Circle,
    "polygon": Polygon,
    "towers": Towers,
    "towers_in": TowersIn,
    "gender_age": GenderAge,
    "region": Region,
    "postcode": Postcode,
    "line": Line,
    "prefix": Prefix,
    "district": District,
    "occupation": Occupation,
}
