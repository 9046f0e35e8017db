"""Derive the product's own compact tables of Iran from a folder of reference files (ATTRIBUTION.md names the
sources).

Usage: python tools/derive_reference.py FOLDER. Facts from OpenStreetMap go to data/reference/odbl, those of
Natural Earth to data/reference/natural_earth, so that each licence covers a folder of its own.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import polars as pl
import shapely
from shapely.geometry import shape

OUT = Path(__file__).resolve().parents[1] / "data" / "reference"
COUNTY_TOLERANCE = 0.008  # degrees, about 800 m: enough for a map of the country and for "inside it" checks
DISTRICT_TOLERANCE = 0.0003
PROVINCE_TOLERANCE = 0.004


def main() -> None:
    """Read the folder named on the command line and write every derived table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    for name in ("odbl", "natural_earth"):
        (OUT / name).mkdir(parents=True, exist_ok=True)
    provinces(folder)
    counties(folder)
    cities(folder)
    census(folder)
    postcodes(folder)
    districts(folder)
    occupations(folder)
    outlines(folder)


def provinces(folder: Path) -> None:
    """31 provinces: code, names, a point inside, the population of 2016."""
    frame = _csv(folder / "ir_provinces.csv")
    _write(
        frame.select("code", "name_fa", "name_en", "lon", "lat", population_2016="pop_2016"), "provinces.csv"
    )


def counties(folder: Path) -> None:
    """469 counties; what OpenStreetMap says of them (English name, point) apart."""
    frame = _csv(folder / "ir_counties.csv").rename({"county_code": "code", "province_code": "province"})
    facts = frame.select(
        "code",
        "province",
        "name_fa",
        population_2016="pop_2016",
        urban_2016="urban_2016",
        rural_2016="rural_2016",
    )
    _write(facts, "counties.csv")
    _write(frame.select("code", "name_en", "lon", "lat"), "odbl/counties.csv")


def cities(folder: Path) -> None:
    """1,354 cities with a weight (people, where known); points that stand for a county's middle apart."""
    frame = _csv(folder / "ir_cities.csv")
    odbl = pl.col("coord_source") == "county_point"
    _write(
        frame.select(
            code="city_code",
            province="province_code",
            county="county_code",
            name_fa="name_fa",
            name_en="name_en",
            lon=pl.when(~odbl).then("lon"),
            lat=pl.when(~odbl).then("lat"),
            weight="geonames_population",
        ),
        "cities.csv",
    )
    _write(
        frame.filter(odbl).select("lon", "lat", code="city_code").select("code", "lon", "lat"),
        "odbl/city_points.csv",
    )


def census(folder: Path) -> None:
    """People of 2016 by county and single year of age: men and women, urban, and the rest (rural and
    unsettled).
    """
    frame = pl.read_parquet(folder / "ir_census_2016_age_sex.parquet")
    counts = frame.select(
        county=pl.col("county_code").cast(pl.Categorical),
        age=pl.col("age").cast(pl.UInt8),
        male_urban=pl.col("male_urban"),
        female_urban=pl.col("female_urban"),
        male_rural=pl.col("male") - pl.col("male_urban"),
        female_rural=pl.col("female") - pl.col("female_urban"),
    ).sort("age", "county")
    assert (
        counts.select(pl.sum("male_urban", "female_urban", "male_rural", "female_rural")).sum_horizontal()[0]
        == 79_926_270
    )
    counts.with_columns(pl.col("county").cast(pl.String)).write_parquet(
        OUT / "census_2016.parquet",
        compression="zstd",
        compression_level=22,
        statistics=False,
        row_group_size=50_000,
    )


def postcodes(folder: Path) -> None:
    """Which first digits of a postcode belong to which place; the range of Kalat, wrong as printed, is left
    out.
    """
    ranges = _csv(folder / "ir_postcode_ranges.csv").filter(pl.col("name_en") != "Kalat")
    first = ranges.select(
        first="range_start",
        last="range_end",
        province="province_code",
        county="county_code",
        name_fa="name_fa",
    )
    prefixes = _csv(folder / "ir_postcode_prefixes.csv").select(
        first="prefix", last="prefix", province="province_code", county="county_code", name_fa="name_fa"
    )
    two = _csv(folder / "ir_postcode_first2.csv").filter(~pl.col("province_codes").str.contains(";"))
    last = two.select(
        first="first2", last="first2", province="province_codes",
        county=pl.lit(None, dtype=pl.String), name_fa=pl.lit(None, dtype=pl.String),
    )  # fmt: skip
    _write(pl.concat([first, prefixes, last]), "postcodes.csv")


def districts(folder: Path) -> None:
    """Municipal districts with their codes, and the quarters of Tehran's 22 as their source has them."""
    frame = _csv(folder / "ir_city_districts.csv")
    _write(
        frame.select(code="district_code", city="city_code", number="district", name_fa="name_fa"),
        "districts.csv",
    )
    tehran = frame.filter(pl.col("city_fa") == "تهران").select(number="district", district="district_code")
    names = _csv(folder / "ir_tehran_neighbourhoods.csv").filter(pl.col("name_fa").str.len_chars() > 1)
    joined = names.join(tehran, left_on="district", right_on="number").select(
        district="district_right", name_fa="name_fa"
    )
    _write(joined.unique(maintain_order=True), "neighbourhoods.csv")


def occupations(folder: Path) -> None:
    """144 trades in 17 groups, written for this product."""
    frame = _csv(folder / "ir_occupations.csv")
    _write(frame.select("code", "group_fa", "name_fa", "name_en", isic4="isic4_class"), "occupations.csv")


def outlines(folder: Path) -> None:
    """Simplified outlines: provinces, counties, the country, Tehran's districts (neighbours keep their shared
    edges).
    """
    found = _features(folder / "ir_counties.geojson")
    # A county made after 2021 has no code: it fills the outline and the map, and cannot be chosen.
    county = _simplified(found, COUNTY_TOLERANCE, 3)
    _geojson("odbl/counties.geojson", county, [
        {"code": p.get("code"), "province": p["province_code"], "name_fa": p["name_fa"]}
        for p in _properties(found)
    ])  # fmt: skip
    whole = shapely.union_all(
        shapely.buffer(county, 0.0005, quad_segs=1)
    )  # closes hairlines left by rounding
    country = [shapely.simplify(_rounded(shapely.make_valid(_without_holes(whole)), 3), 0.001)]
    _geojson("odbl/country.geojson", country, [{"code": "IR", "name_fa": "ایران", "name_en": "Iran"}])
    found = _features(folder / "ir_tehran_districts.geojson")
    _geojson("odbl/tehran_districts.geojson", _simplified(found, DISTRICT_TOLERANCE, 4), [
        {"code": p["code"], "number": p["district"], "name_fa": p["name_fa"], "name_en": p["name_en"]}
        for p in _properties(found)
    ])  # fmt: skip
    found = _features(folder / "ir_provinces.geojson")
    _geojson("natural_earth/provinces.geojson", _simplified(found, PROVINCE_TOLERANCE, 3), [
        {"code": p["code"], "name_fa": p["name_fa"], "name_en": p["name_en"]} for p in _properties(found)
    ])  # fmt: skip


def _features(path: Path) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return features


def _properties(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [feature["properties"] for feature in features]


def _simplified(features: list[dict[str, Any]], tolerance: float, decimals: int) -> list[shapely.Geometry]:
    whole = shapely.coverage_simplify([shape(f["geometry"]) for f in features], tolerance)
    return [_rounded(geometry, decimals) for geometry in whole]


def _rounded(geometry: shapely.Geometry, decimals: int) -> shapely.Geometry:
    small = shapely.make_valid(shapely.transform(geometry, lambda points: points.round(decimals)))
    parts = [
        g for g in shapely.get_parts(shapely.get_parts(small)) if g.geom_type == "Polygon" and g.area > 0
    ]
    parts += [
        q
        for g in shapely.get_parts(small)
        if g.geom_type == "MultiPolygon"
        for q in g.geoms
        if q not in parts
    ]
    return shapely.union_all(parts) if len(parts) > 1 else parts[0]


def _without_holes(geometry: shapely.Geometry) -> shapely.Geometry:
    return shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(geometry)])


def _geojson(name: str, geometries: list[shapely.Geometry], properties: list[dict[str, Any]]) -> None:
    features = [
        {"type": "Feature", "properties": p, "geometry": _short(json.loads(shapely.to_geojson(g)))}
        for g, p in zip(geometries, properties, strict=True)
    ]
    text = json.dumps(
        {"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":")
    )
    (OUT / name).write_text(text, encoding="utf-8")


def _short(value: Any) -> Any:
    """Write coordinates with the digits they have."""
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_short(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


def _csv(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def _write(frame: pl.DataFrame, name: str) -> None:
    frame.write_csv(OUT / name)


if __name__ == "__main__":
    main()
