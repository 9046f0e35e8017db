"""SMS gateways: one file each, one line each."""

from collections.abc import Callable

from gateways.gateway import Gateway
from gateways.settings import GatewaySettings
from gateways.sms.http import HttpGateway
from gateways.sms.kavenegar import KavenegarGateway
from gateways.sms.simulator import SimulatorGateway

GATEWAYS: dict[str, Callable[[str, GatewaySettings], Gateway]] = {
    "http": HttpGateway,
    "kavenegar": KavenegarGateway,
    "simulator": SimulatorGateway,
}
