"""SMS gateways: one file each, one line each."""

from gateways.adapter import Adapter
from gateways.sms import http, kavenegar, simulator

GATEWAYS: dict[str, Adapter] = {
    "http": http.ADAPTER,
    "kavenegar": kavenegar.ADAPTER,
    "simulator": simulator.ADAPTER,
}
