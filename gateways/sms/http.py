"""The generic adapter `http`: any server that speaks the contract of docs/gateways.md."""

from __future__ import annotations

from gateways.contract_gateway import ContractGateway

HttpGateway = ContractGateway
