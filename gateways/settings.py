"""What the settings of every gateway have in common, and what its error codes prove.

Each adapter's own model (gateways/sms) adds what its provider needs: another credential, a user's password
for one, is one more SecretStr, which is masked and kept like these.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from data.errors import Refused
from data.invalid import Unacceptable
from data.rules import msisdn
from data.settings import settings
from gateways.gateway import Capabilities, GatewayClass

CLASS_IN_FLIGHT = {"G0": 1, "G1": 16, "G2": 16}
QUIET_SECONDS = 900.0  # protocol.md 2.6
WAIT_MAX_SECONDS = 30 * 86_400.0
SECRET = re.compile(r"[A-Za-z0-9_-]*")  # it stands in an address, where other signs would be escaped
TOKEN = re.compile(r"[!-~]*")  # it stands in a header, which takes no other signs
ADDRESS = r"^(https?://[^\s/?#@]+(/[^\s?#]*)?)?$"
LINE = r"^([A-Za-z0-9+][A-Za-z0-9_.+-]{0,39})?$"


class Code(BaseModel):
    """What a gateway's own error code proves, and the state of a message refused with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Literal["rej", "notsent", "amb"] = "rej"
    state: Literal["rejected", "blacklisted", "failed", "not_at_operator", "undelivered", "cancelled"] = (
        "rejected"
    )
    stops_line: bool = False


class GatewaySettings(BaseModel):
    """Settings that all adapters have. Secrets print as stars; `model_dump_secrets` gives them back for
    storing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    ACCOUNT: ClassVar[tuple[str, ...]] = ("token",)  # the fields that say whose account it is there

    adapter: str = Field(description="which adapter: a key of gateways.sms.GATEWAYS")
    base: str = Field("", pattern=ADDRESS, description="address of the gateway; empty = its own")
    token: SecretStr = Field(SecretStr(""), validate_default=True, description="key of the gateway")
    secret: SecretStr = Field(SecretStr(""), description="secret in the path of webhooks to us")
    gateway_class: GatewayClass = Field(
        "G0", alias="class", description="G0 blind, G1 look-up, G2 idempotent"
    )
    bulk: int = Field(100, ge=1, le=5_000, description="most messages in one call")
    deadline_s: float = Field(30.0, gt=0, le=600, description="one call, all of it, seconds")
    quiet_s: float = Field(
        QUIET_SECONDS, ge=0, le=WAIT_MAX_SECONDS, description="G1: wait so long before a look-up counts"
    )
    lookup_s: float | None = Field(
        None, gt=0, le=WAIT_MAX_SECONDS, description="G1: it remembers our references so long; null = always"
    )
    in_flight: int | None = Field(None, ge=1, le=256, description="calls of a line at once; G0 1, else 16")
    codes: dict[str, Code] = Field(default_factory=dict, description="the gateway's own error codes")
    test_number: str = Field("", description="a mobile number of our own for the self-test; empty = none")
    test_line: str = Field(
        "", pattern=LINE, description="sender of the self-test; empty = a line of this gateway"
    )

    @field_validator("token")
    @classmethod
    def _fits_in_a_call(cls, given: SecretStr) -> SecretStr:
        """Refuse a token that no call could carry, without showing it."""
        if not TOKEN.fullmatch(given.get_secret_value()):
            raise Unacceptable(
                "use only printable ASCII signs without spaces, as in a header; copy the token anew",
                "تنها نویسه‌های چاپی ASCII بی‌فاصله بنویسید، چون در سرآیند می‌آید؛ توکن را دوباره رونویسی کنید",
            )
        return given

    @field_validator("secret")
    @classmethod
    def _fits_in_an_address(cls, given: SecretStr) -> SecretStr:
        """Refuse a secret that no gateway could call, without showing it."""
        if SECRET.fullmatch(given.get_secret_value()):
            return given
        raise Unacceptable(
            "use only A-Z, a-z, 0-9, - and _, as in an address; or leave it out to get one",
            "تنها A-Z، a-z، 0-9، - و _ بنویسید، چون در نشانی وب‌هوک می‌آید؛ یا ننویسید تا ساخته شود",
        )

    @field_validator("test_number", mode="before")
    @classmethod
    def _is_a_mobile_number(cls, given: object) -> object:
        """Keep it as people write it; raises Refused that names the field alone."""
        if not isinstance(given, str | int) or given == "":
            return given
        try:
            return msisdn.show(msisdn.parse(str(given), settings().region))
        except msisdn.NumberRefused as error:
            raise Refused(
                "test_number", f"{error.en}; give a mobile number of your own, or leave it out",
                f"{error.fa}؛ شماره همراهی از خودتان بدهید یا آن را ننویسید",
            ) from None  # fmt: skip

    def test_msisdn(self) -> int | None:
        """Return the test number with its country code, or None."""
        return msisdn.parse(self.test_number, settings().region) if self.test_number else None

    def capabilities(self) -> Capabilities:
        """Return them with the defaults of the class filled in."""
        return Capabilities(
            gateway_class=self.gateway_class,
            bulk=self.bulk,
            in_flight=self.in_flight or CLASS_IN_FLIGHT[self.gateway_class],
            deadline_seconds=self.deadline_s,
            quiet_seconds=self.quiet_s,
            window_seconds=float(self._own("window_s", 0.0)),
            lookup_seconds=self.lookup_s,
        )

    def behaves(self) -> dict[str, Any]:
        """Return how a simulator that we start is to behave; empty for whoever is none."""
        return dict(self._own("behaviour", {}))

    def _own(self, name: str, default: Any) -> Any:
        """Return a setting that only some adapters have."""
        return getattr(self, name, default)

    def model_dump_secrets(self) -> dict[str, Any]:
        """Return the settings as JSON values with the secrets in clear, as the table keeps them."""
        plain = self.model_dump(mode="json", by_alias=True)
        secrets = {name: value for name in plain if isinstance(value := getattr(self, name, None), SecretStr)}
        return plain | {name: value.get_secret_value() for name, value in secrets.items()}
