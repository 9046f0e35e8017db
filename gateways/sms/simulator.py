"""Our simulator as a gateway: the same contract, toward the process of gateways.simulator."""

from __future__ import annotations

from gateways.sms.http import HttpGateway


class SimulatorGateway(HttpGateway):
    """Adapter `simulator`; without `base` the command starts one (gateways.children)."""
