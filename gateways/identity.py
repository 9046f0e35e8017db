"""Whose computer an attempt was made at: by adapter, address and account, not by the name we gave it."""

from __future__ import annotations

import hashlib
import hmac
import json

from pydantic import SecretStr

from gateways.settings import GatewaySettings


def fingerprint(secret: bytes, given: GatewaySettings) -> str:
    """Return the mark of the gateway that these settings speak to; keyed: a credential must not be guessed.

    Another credential (`GatewaySettings.ACCOUNT`) may belong to another account there, which knows nothing of
    the first one's messages, so it is another gateway until somebody says otherwise.
    """
    parts = (given.adapter, given.base.rstrip("/"), *account(given))
    return hmac.new(secret, json.dumps(parts).encode(), hashlib.sha256).hexdigest()


def account(given: GatewaySettings) -> tuple[str, ...]:
    """Return the credentials by which a gateway knows us."""
    values = (getattr(given, name) for name in given.ACCOUNT)
    return tuple(one.get_secret_value() if isinstance(one, SecretStr) else str(one) for one in values)
