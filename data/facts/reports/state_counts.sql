-- Messages, parts and money of runs by state and operator: what report pages and the command print.
SELECT run, state, operator, count(*) AS messages, sum(parts) AS parts, sum(price_rials) AS price_rials,
    count(*) FILTER (submission = 'submitted') AS charged,
    coalesce(sum(price_rials) FILTER (submission = 'submitted'), 0) AS charged_rials,
    coalesce(sum(parts) FILTER (submission = 'submitted'), 0) AS charged_parts,
    coalesce(sum(parts) FILTER (state = 'delivered_uncharged'), 0) AS absorbed_parts
FROM messages GROUP BY ALL
