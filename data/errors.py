"""The three families of things that go wrong, and what each tells the person who meets it.

ChaparError
├── Refused     the user can mend it: names the field and the mend; nothing was written   (exit 2)
├── Retryable   the world was not ready (a lock, a gateway, a closed window): try later    (exit 3)
└── Broken      a promise of this program does not hold: stop and look                     (exit 1)
"""

from __future__ import annotations

from collections.abc import Mapping

from data.rules.persian import persian_sentence


class ChaparError(Exception):
    """The base of every error that Chapar raises on purpose."""

    exit_code = 1

    def __init__(self, en: str, fa: str | None = None) -> None:
        """Keep one sentence in English and, where people meet it, one in Persian."""
        super().__init__(en)
        self.en = en
        self._fa = fa

    @property
    def fa(self) -> str:
        """The Persian sentence with Persian digits, whoever composed it; where there is none the English."""
        return persian_sentence(self._fa) if self._fa else self.en  # when read: most errors are caught unread

    def say(self, language: str = "en") -> str:
        """Return the sentence in `language` ("fa" or "en")."""
        return self.fa if language == "fa" else self.en


class Refused(ChaparError):
    """The request is not acceptable as it stands; `field` says where to mend it."""

    exit_code = 2

    def __init__(
        self, field: str, en: str, fa: str | None = None, *,
        mend: str = "", about: Mapping[str, object] | None = None,
    ) -> None:  # fmt: skip
        """Name the field (dotted path inside the input) and say in one sentence what to do.

        Where the mend is another in each door, `mend` is its code, and `about` what its words speak of.
        """
        super().__init__(en, fa)
        self.field = field
        self.mend, self.about = mend, dict(about or {})

    def __str__(self) -> str:
        return f"{self.field}: {self.en}"


class Retryable(ChaparError):
    """Nothing is wrong with the request; the same call may succeed later."""

    exit_code = 3


class Broken(ChaparError):
    """An invariant does not hold; continuing would make it worse."""

    exit_code = 1
