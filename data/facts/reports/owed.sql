-- The messages that a refund or an absorbed cost can be about: some receipt names a refundable state, or the gateway
-- did not accept them and may have delivered them nevertheless. Nobody else needs to be folded to know what is owed.
-- $states: the refundable states.
SELECT run, pos FROM receipts WHERE state IN (SELECT unnest($states))
UNION
SELECT run, pos FROM submissions WHERE state <> 'submitted'
