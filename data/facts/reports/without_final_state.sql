-- Accepted messages of one run whose end nobody told yet: what a gateway that must be asked is asked about.
-- $final: the states that are an end. $since: sent earlier is not asked about. $after: position to go on from.
SELECT pos, gid FROM messages
WHERE submission = 'submitted' AND gid IS NOT NULL AND sent_at >= $since AND pos > $after
    AND state NOT IN (SELECT unnest($final))
ORDER BY pos
