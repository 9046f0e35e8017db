"""The tables of the operations store, a file per noun; this page is their table of contents."""

from data.store.tables.accounts import account, audit_log, session, user
from data.store.tables.asking import asking
from data.store.tables.base import metadata
from data.store.tables.batches import attempt, batch, evidence
from data.store.tables.campaigns import campaign, run, slice_taken
from data.store.tables.forms import form
from data.store.tables.home import home_epoch, home_identity, home_machine
from data.store.tables.inbound import inbound, reply
from data.store.tables.lake import lake_file, lake_file_run, quarantine, spool_segment
from data.store.tables.ledger import ledger_account, ledger_entry
from data.store.tables.lines import gateway, gateway_proof, line, line_share
from data.store.tables.once import done_once
from data.store.tables.processes import home, process
from data.store.tables.suppression import suppression, suppression_import, suppression_proof

__all__ = [
    "account", "asking", "attempt", "audit_log", "batch", "campaign", "done_once", "evidence", "form",
    "gateway", "gateway_proof", "home", "home_epoch", "home_identity", "home_machine", "inbound",
    "lake_file", "lake_file_run", "ledger_account", "ledger_entry", "line", "line_share", "metadata",
    "process", "quarantine", "reply", "run", "session", "slice_taken", "spool_segment", "suppression",
    "suppression_import", "suppression_proof", "user",
]  # fmt: skip
