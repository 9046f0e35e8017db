"""Adapter `simulator`: the same contract, toward the process of gateways.simulator.

Without `base` the command that needs it starts one (gateways.children).
"""

from __future__ import annotations

from gateways.contract_gateway import ContractGateway

SimulatorGateway = ContractGateway
