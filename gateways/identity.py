"""Whose computer an attempt was made at: by adapter, address and account, not by the name we gave it."""

from __future__ import annotations

import hashlib
import hmac
import json

from gateways.settings import GatewaySettings


def fingerprint(secret: bytes, given: GatewaySettings) -> str:
    """Return the mark of the gateway that these settings speak to; keyed, for the token must not be guessed.

    Another token may belong to another account there, which knows nothing of the first one's messages, so it
    is another gateway until somebody says otherwise.
    """
    parts = (given.adapter, given.base.rstrip("/"), given.token.get_secret_value())
    return hmac.new(secret, json.dumps(parts).encode(), hashlib.sha256).hexdigest()
