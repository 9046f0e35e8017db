"""Adapter `simulator`: the same contract, toward the process of gateways.simulator.

Without `base` the command that needs it starts one (gateways.children).
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from gateways.adapter import Adapter
from gateways.contract import words_of
from gateways.contract_gateway import LIMITS, ContractGateway, ContractSettings


class Settings(ContractSettings):
    """The contract's, and how the process that we start is to behave."""

    behaviour: dict[str, Any] = Field(
        default_factory=dict, description="a simulator that we start: its Behaviour"
    )


ADAPTER = Adapter("simulator", Settings, LIMITS, ContractGateway, words_of)
