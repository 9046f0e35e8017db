-- The folded view: one row a message with its state, the highest rank that a submission or a receipt gave it.
-- Receipts of single parts count only together: delivered when all parts are, else the worst final one; a part that
-- the message does not have speaks of nothing.
-- Whatever we called it: a message that nobody paid for and that is reported delivered is "delivered, not charged".
-- Relations given by the caller: recipients, submissions, receipts (Parquet files or empty), strength (state, place),
-- unknown (run, pos) of batches whose outcome is not known. $late: what was submitted before then and never heard of
-- again is unknown too (spec 6.2).
WITH told AS (
    SELECT run, pos, part, place, received_at
    FROM receipts JOIN strength USING (state)
    WHERE run IS NOT NULL
), whole AS (
    SELECT run, pos, max(place) AS whole, max(received_at) AS whole_at FROM told WHERE part IS NULL GROUP BY ALL
), by_part AS (
    SELECT run, pos, part, max(place) AS place, max(received_at) AS heard_at
    FROM told JOIN recipients USING (run, pos)
    WHERE part BETWEEN 1 AND parts GROUP BY ALL
), parts AS (
    SELECT run, pos,
        count(*) FILTER (place = $delivered) AS delivered,
        min(place) FILTER (place > $at_operator AND place <> $delivered) AS worst,
        min(place) FILTER (place <= $at_operator) AS on_the_way,
        max(heard_at) AS parts_at
    FROM by_part GROUP BY ALL
), known AS (
    SELECT r.*, s.state AS submission, s.gid, s.code, s."at" AS sent_at,
        greatest(w.whole_at, p.parts_at) AS heard_at,
        greatest(w.whole, CASE WHEN p.delivered >= r.parts THEN $delivered
            WHEN p.worst IS NOT NULL THEN p.worst
            WHEN p.delivered > 0 THEN $at_operator ELSE p.on_the_way END) AS place
    FROM recipients r
    LEFT JOIN submissions s USING (run, pos)
    LEFT JOIN whole w USING (run, pos)
    LEFT JOIN parts p USING (run, pos)
)
SELECT k.run, k.pos, k.msisdn, k.operator, k.bank, k.ucs2, k.parts, k.price_rials, k.gid, k.code,
    k.submission, k.sent_at, k.heard_at,
    CASE
        WHEN k.submission <> 'submitted' AND k.place >= $delivered THEN 'delivered_uncharged'
        WHEN k.submission IN ('written_off', 'suppressed', 'cancelled') THEN k.submission
        WHEN k.place IS NOT NULL AND k.place > coalesce(p.place, 0) THEN h.state
        WHEN k.submission = 'submitted' AND k.sent_at < $late THEN 'unknown'
        WHEN k.submission IS NOT NULL THEN k.submission
        WHEN u.pos IS NOT NULL THEN 'unknown'
        ELSE 'queued'
    END AS state
FROM known k
LEFT JOIN strength h ON h.place = k.place
LEFT JOIN strength p ON p.state = k.submission
LEFT JOIN unknown u USING (run, pos)
