"""Text that came over a wire, whatever was said of its encoding: UTF-8 before all, as JSON is (RFC 8259).

What stands at the front of a text to tell its encoding is no part of it, and what is declared counts only
where the bytes are no UTF-8: servers that declare wrongly are many, texts that are UTF-8 by chance are not.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = {"cp1256", "cp1252", "iso8859-1", "iso8859-6", "utf-16", "utf-16-le", "utf-16-be"}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_BLANKS = " \t\r\n\ufeff"


def text_of(body: bytes, content_type: str = "", *, errors: str = "replace") -> str:
    """Return the text in `body`; `errors` (as `bytes.decode` has it) says what becomes of what is none."""
    for encoding in (_marked(body) or "utf-8", _declared(content_type)):
        try:
            if encoding:
                return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode("utf-8", errors)


def json_of(body: bytes, content_type: str = "") -> bytes:
    """Return `body` as JSON is read everywhere: UTF-8, with neither a byte order mark nor space around it."""
    return text_of(body, content_type).strip(_BLANKS).encode("utf-8", "replace")


def _marked(body: bytes) -> str | None:
    return next((encoding for mark, encoding in _MARKS if body.startswith(mark)), None)


def _declared(content_type: str) -> str | None:
    """Return the encoding that a content type names, if it is one that gateways use."""
    found = _CHARSET.search(content_type)
    try:
        name = codecs.lookup(found[1]).name if found else None
    except LookupError:
        return None
    return name if name in _DECLARED else None
