"""The settings of `[mqtt]`, and those of every other table that names a broker."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, Strict, model_validator
from pydantic_core import PydanticCustomError

from syncd.config.scalars import Text, Whole


def _file(value: object) -> object:
    if not isinstance(value, str) or not value.strip() or value.startswith("~"):
        raise PydanticCustomError("file", "is not a file", {"hint": "write the whole path, without ~"})
    return value


File = Annotated[Path, BeforeValidator(_file)]


class BrokerTable(BaseModel):
    """Where a broker is, and who we are there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, Strict(), Field(max_length=253, pattern=r"^[^\s/]*$")] = Field(
        default="", description="Name or address of the broker; no MQTT if left out."
    )
    port: Annotated[Whole, Field(ge=0, le=65_535)] = Field(
        default=0, description="Its port; 0 is 1883, with tls 8883."
    )
    tls: bool = Field(default=False, description="Whether the connection is encrypted and the broker proven.")
    ca: File | None = Field(
        default=None,
        description="File with the authorities to trust instead of the system's; a relative path begins at "
        "the main file's folder.",
    )
    cert: File | None = Field(
        default=None, description="File with the certificate that proves who we are; none if left out."
    )
    key: File | None = Field(default=None, description="File with the key of cert; without it cert has it.")
    user: Text | None = Field(default=None, description="User at the broker; none if left out.")
    password: SecretStr | None = Field(default=None, description="Password of that user.")
    base: Annotated[str, Strict(), Field(max_length=100, pattern=r"^[^/+#$\s]+(/[^/+#\s]+)*$")] = Field(
        default="syncd", description="What all topics begin with; another one for each syncd at the broker."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.host and self.model_fields_set - {"host"}:
            raise PydanticCustomError("host", "has no host", {"hint": "write the broker's name as host"})
        if self.password is not None and self.user is None:
            raise PydanticCustomError("user", "has a password but no user", {"hint": "write the user, too"})
        if self.key is not None and self.cert is None:
            raise PydanticCustomError("cert", "has a key but no cert", {"hint": "write the cert, too"})
        if self.ca is not None and not self.tls:
            raise PydanticCustomError("tls", "has a ca but no tls", {"hint": "write tls = true"})
        if self.cert is not None and not self.tls:
            raise PydanticCustomError("tls", "has a cert but no tls", {"hint": "write tls = true"})
        return self

    @property
    def true_port(self) -> int:
        """Return the port to connect to."""
        return self.port or (8883 if self.tls else 1883)

    def rooted(self, folder: Path) -> Self:
        """Return the same with files whose paths begin at `folder`."""
        files = {name: folder / file for name in ("ca", "cert", "key") if (file := getattr(self, name))}
        return self.model_copy(update=files) if files else self


class MqttTable(BrokerTable):
    """`[mqtt]`: a broker that is told what happens and may say *look now*; none without `host`."""

    client_id: Annotated[str, Strict(), Field(max_length=100, pattern=r"^\S*$")] = Field(
        default="",
        description="Name at the broker, syncd-BASE if left out; two of one name throw each other out.",
    )

    @property
    def true_client_id(self) -> str:
        """Return the name to connect with."""
        return self.client_id or f"syncd-{self.base}"
