"""Areas of a country (districts, municipalities, provinces) from GeoJSON or a Shapefile, in WGS 84."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely
from shapely.geometry import shape

from data.errors import Refused
from data.rules.persian import listed
from targeting import meridian
from targeting.population.contents import contents

CODES = ("code", "iso_3166_2", "hasc", "iso", "id", "adm1_code")
NAMES = ("name_fa", "name", "name_en", "shapename", "admin")


@dataclass(frozen=True, slots=True)
class Areas:
    """Polygons with `frame`: code, name_fa, name_en, lon, lat (a point inside), wkb; and what was left out.
    """

    frame: pl.DataFrame
    geometries: npt.NDArray[np.object_]
    rejected: pl.DataFrame  # line, reason
    repaired: int

    @property
    def outline(self) -> shapely.Geometry:
        """Everything that is in some area."""
        return shapely.union_all(self.geometries)

    def code_at(self, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> pl.Series:
        """Return the code of the area that holds each position, null outside all of them."""
        tree = shapely.STRtree(self.geometries)
        point, area = tree.query(shapely.points(lon, lat), predicate="intersects")
        codes = np.full(len(lon), None, dtype=object)
        codes[point[::-1]] = self.frame["code"].to_numpy()[area[::-1]]  # the first area wins on a shared edge
        return pl.Series(codes.tolist(), dtype=pl.String)


def read_areas(path: Path) -> Areas:
    """Read every feature; one without a polygon, or outside the globe, is rejected; a crossing ring is
    repaired.

    Raises Refused (field `raw.areas`) where the file cannot be read or no area is left.
    """
    try:
        found = _shapefile(path) if path.name.endswith(".shp") else _geojson(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise Refused(
            "raw.areas",
            f"{path.name} cannot be read as GeoJSON or Shapefile: export it anew ({error})"[:300],
            f"{path.name} به شکل GeoJSON یا Shapefile خوانده نشد: دوباره از آن خروجی بگیرید",
        ) from error  # fmt: skip
    rows: list[tuple[object, ...]] = []
    geometries: list[shapely.Geometry] = []
    rejected: list[tuple[int, str]] = []
    repaired, seen = 0, set()
    for place, (properties, geometry) in enumerate(found):
        geometry, reason = _usable(geometry)
        code = _first(properties, CODES) or f"A{place + 1}"
        if geometry is None or reason or code in seen:
            rejected.append((place + 1, reason or "duplicate_code"))
            continue
        seen.add(code)
        if not shapely.is_valid(geometry):
            geometry, repaired = shapely.make_valid(geometry), repaired + 1
        inside = shapely.point_on_surface(geometry)
        name, english = _first(properties, NAMES), _first(properties, ("name_en", "name"))
        point = float(shapely.get_x(inside)), float(shapely.get_y(inside))
        rows.append((code, name, english, *point, shapely.to_wkb(geometry)))
        geometries.append(geometry)
    if not rows:
        raise _none_usable(path, Counter(reason for _, reason in rejected))
    return Areas(
        pl.DataFrame(rows, schema=["code", "name_fa", "name_en", "lon", "lat", "wkb"], orient="row"),
        np.array(geometries, dtype=object),
        pl.DataFrame(rejected, schema={"line": pl.UInt32, "reason": pl.String}, orient="row"),
        repaired,
    )


def _none_usable(path: Path, reasons: Counter[str]) -> Refused:
    said = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common()) or "it is empty"
    said_fa = listed([f"{n} بار «{reason}»" for reason, n in reasons.most_common()], "و") or "خالی است"
    return Refused(
        "raw.areas",
        f"{path.name} holds no usable area ({said}): give polygons in degrees of WGS 84",
        f"در {path.name} ناحیهٔ درستی نیست ({said_fa}): چندضلعی‌ها را به درجهٔ WGS 84 بیاورید",
    )


def _usable(geometry: shapely.Geometry | None) -> tuple[shapely.Geometry | None, str | None]:
    """Return the geometry, cut where it goes over the 180th meridian, and why it cannot be used, if so."""
    kinds = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    if geometry is None or shapely.is_empty(geometry) or shapely.get_type_id(geometry) not in kinds:
        return None, "not_a_polygon"
    west, south, east, north = shapely.bounds(geometry)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return None, "not_wgs84"
    try:
        drawn: shapely.Geometry = meridian.unwrapped(geometry)  # type: ignore[arg-type]
    except meridian.AmbiguousError:
        return None, "over_180"
    return (geometry if drawn is geometry else meridian.cut(shapely.make_valid(drawn))), None


def _geojson(path: Path) -> list[tuple[dict[str, Any], shapely.Geometry | None]]:
    document = json.loads(contents("areas", path))
    return [
        (
            {"id": f.get("id"), **(f.get("properties") or {})},
            shape(f["geometry"]) if f.get("geometry") else None,
        )
        for f in document["features"]
    ]


def _shapefile(path: Path) -> list[tuple[dict[str, Any], shapely.Geometry | None]]:
    import geopandas  # only here: it takes seconds to import
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        frame = geopandas.read_file(path)
    except (DataSourceError, DataLayerError) as error:
        raise Refused(
            "raw.areas",
            f"{path.name} is not a Shapefile, or its .shx and .dbf are missing: put all of its files into "
            "the folder, or save the areas as GeoJSON",
            f"{path.name} پروندهٔ Shapefile نیست یا ‎.shx و ‎.dbf آن نیست: همهٔ پرونده‌های آن را در پوشه "
            "بگذارید یا ناحیه‌ها را به شکل GeoJSON ذخیره کنید",
        ) from error
    if frame.crs is not None:
        frame = frame.to_crs(4326)
    properties = frame.drop(columns=frame.geometry.name).to_dict("records")
    return [
        ({str(key): value for key, value in row.items()}, geometry)
        for row, geometry in zip(properties, frame.geometry, strict=True)
    ]


def _first(properties: dict[str, Any], names: tuple[str, ...]) -> str | None:
    plain = {str(key).casefold(): value for key, value in properties.items()}
    values = (plain.get(name) for name in names)
    return next((str(value).strip() for value in values if value is not None and str(value).strip()), None)
