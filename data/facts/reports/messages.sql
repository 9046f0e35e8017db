-- The folded view: one row a message with its state, the highest rank that a submission or a receipt gave it.
-- Receipts of single parts count only together: delivered when all parts are, else the worst final one.
-- Relations given by the caller: recipients, submissions, receipts (Parquet files or empty), strength (state, place),
-- unknown (run, pos) of batches whose outcome is not known. $late: what was submitted before then and never heard of
-- again is unknown too (spec 6.2).
WITH told AS (
    SELECT run, pos, coalesce(part, 0) AS part, max(place) AS place, max(received_at) AS heard_at
    FROM receipts JOIN strength USING (state)
    WHERE run IS NOT NULL AND state IS NOT NULL
    GROUP BY ALL
), whole AS (
    SELECT run, pos,
        max(place) FILTER (part = 0) AS whole,
        count(*) FILTER (part > 0 AND place = $delivered) AS parts_delivered,
        max(place) FILTER (part > 0 AND place > $at_operator AND place <> $delivered) AS worst,
        max(place) FILTER (part > 0 AND place <= $at_operator) AS on_the_way,
        max(heard_at) AS heard_at
    FROM told GROUP BY ALL
), heard AS (
    SELECT r.run, r.pos, h.heard_at,
        greatest(h.whole, CASE WHEN h.parts_delivered >= r.parts THEN $delivered
            WHEN h.worst IS NOT NULL THEN h.worst
            WHEN h.parts_delivered > 0 THEN $at_operator ELSE h.on_the_way END) AS place
    FROM recipients r JOIN whole h USING (run, pos)
), sent AS (
    SELECT run, pos, any_value(state) AS state, any_value(gid) AS gid, any_value(code) AS code, min("at") AS sent_at
    FROM submissions GROUP BY run, pos
)
SELECT r.run, r.pos, r.msisdn, r.operator, r.bank, r.ucs2, r.parts, r.price_rials, s.gid, s.code,
    s.state AS submission, s.sent_at, heard.heard_at,
    CASE
        WHEN s.state IN ('written_off', 'cancelled') AND heard.place >= $delivered THEN 'delivered_uncharged'
        WHEN s.state IN ('written_off', 'suppressed', 'cancelled') THEN s.state
        WHEN heard.place IS NOT NULL AND heard.place > coalesce(p.place, 0) THEN h.state
        WHEN s.state = 'submitted' AND s.sent_at < $late THEN 'unknown'
        WHEN s.state IS NOT NULL THEN s.state
        WHEN u.pos IS NOT NULL THEN 'unknown'
        ELSE 'queued'
    END AS state
FROM recipients r
LEFT JOIN sent s USING (run, pos)
LEFT JOIN heard USING (run, pos)
LEFT JOIN strength h ON h.place = heard.place
LEFT JOIN strength p ON p.state = s.state
LEFT JOIN unknown u USING (run, pos)
