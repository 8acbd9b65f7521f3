"""The settings of the source `mqtt`."""

from typing import Annotated

from pydantic import Field

from syncd.adapters.mqtt import Broker
from syncd.config.mqtt import BrokerTable
from syncd.config.scalars import Seconds, SomeSeconds, seconds
from syncd.domain.model import TransferConvention


class MqttSourceSettings(BrokerTable):
    """An ERP or WMS that publishes its figures over MQTT."""

    host: Annotated[str, Field(max_length=253, pattern=r"^[^\s/]+$")] = Field(
        description="Name or address of the broker."
    )
    client_id: Annotated[str, Field(max_length=100, pattern=r"^\S*$")] = Field(
        default="",
        description="Name at the broker, which keeps messages for it; syncd-BASE-stock-NAME if left out. "
        "Two of one name throw each other out.",
    )
    full_every: Seconds = Field(
        default=seconds("1d"), description="How long after a full reading the next one is asked for; 0 never."
    )
    ask_every: SomeSeconds = Field(
        default=seconds("30s"), description="How long an answer is waited for before a cycle asks again."
    )
    blank_is_zero: bool = Field(
        default=True,
        description="Whether a figure that is null is 0; for on_hand it never is, but unknown.",
    )
    max_bytes: int = Field(
        default=16 * 1024 * 1024, ge=1, description="A message larger than this is refused."
    )
    warehouses: tuple[str, ...] = Field(
        default=(), description="The warehouses that the source counts; from the source's own table."
    )
    transfer_convention: TransferConvention = Field(
        default=TransferConvention.UNTIL_SHIPPED,
        description="How long transfer_out stays open; from the source's own table.",
    )

    def broker(self, name: str) -> Broker:
        """Return where the source called `name` publishes, and who we are there."""
        return Broker(
            host=self.host,
            port=self.true_port,
            client_id=self.client_id or f"syncd-{self.base}-stock-{name}",
            base=self.base,
            tls=self.tls,
            ca=self.ca,
            cert=self.cert,
            key=self.key,
            user=self.user,
            password=self.password.get_secret_value() if self.password else None,
            table=f"sources.{name}",
            queues=True,
        )
