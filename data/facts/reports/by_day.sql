-- Messages by the civil day ($zone) they were sent on and by state: the activity chart of the home page.
SELECT CAST(timezone($zone, sent_at) AS DATE) AS day, state, count(*) AS messages
FROM messages WHERE sent_at IS NOT NULL
GROUP BY ALL
