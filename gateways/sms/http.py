"""The generic adapter `http`: any server that speaks the contract of docs/gateways.md."""

from __future__ import annotations

from pydantic import Field, field_validator

from data.invalid import Unacceptable
from gateways.adapter import Adapter
from gateways.contract import words_of
from gateways.contract_gateway import LIMITS, ContractGateway, ContractSettings
from gateways.settings import ADDRESS


class Settings(ContractSettings):
    """The contract's; nobody but the owner knows the address."""

    base: str = Field("", validate_default=True, pattern=ADDRESS, description="its address, such as https://…")

    @field_validator("base")
    @classmethod
    def _is_told(cls, given: str) -> str:
        if given:
            return given
        raise Unacceptable(
            "write the address of the gateway, such as https://sms.example/api",
            "نشانی درگاه را بنویسید، مانند https://sms.example/api",
        )


ADAPTER = Adapter("http", Settings, LIMITS, ContractGateway, words_of)
