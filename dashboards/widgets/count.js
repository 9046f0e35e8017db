// Counts what a text costs in the air. The tables come from data.rules.sms as JSON: there is no second table.
function countParts(text, tables) {
  const basic = new Set(tables.basic), wide = new Set(tables.extension), sizes = tables.sizes;
  const signs = [...text];
  const forced = signs.find((sign) => !basic.has(sign) && !wide.has(sign)) ?? null;
  const ucs2 = forced !== null;
  const width = (sign) => (ucs2 ? sign.length : wide.has(sign) ? 2 : 1);
  const single = ucs2 ? sizes.ucs2_single : sizes.gsm7_single;
  const part = ucs2 ? sizes.ucs2_part : sizes.gsm7_part;
  const units = signs.reduce((sum, sign) => sum + width(sign), 0);
  const encoding = ucs2 ? "ucs2" : "gsm7";
  if (units <= single) return { encoding, chars: signs.length, units, parts: 1, left: single - units, forced };
  let parts = 1, used = 0;
  for (const sign of signs) {  // an escape pair and a surrogate pair are never cut
    if (used + width(sign) > part) { parts += 1; used = 0; }
    used += width(sign);
  }
  return { encoding, chars: signs.length, units, parts, left: part - used, forced };
}
