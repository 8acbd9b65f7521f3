"""The settings of `[hooks]` and `[shops.NAME.hook]`: what platforms may send us by themselves."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from syncd.config.keys import elliptic_key, signing_key
from syncd.config.scalars import SomeSeconds, Text, Whole, seconds, web_address

_TABLE = ConfigDict(extra="forbid", frozen=True)


class HookRule(StrEnum):
    """Whose rules sign what comes in."""

    DOUYIN = "douyin"
    TOP = "top"
    JD = "jd"
    PDD = "pdd"
    IOP = "iop"
    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    EBAY = "ebay"
    HMAC = "hmac"


class HooksTable(BaseModel):
    """`[hooks]`: how much anybody may send to `/hooks/SHOP`."""

    model_config = _TABLE

    body_limit: Annotated[Whole, Field(ge=1024, le=16 * 1024 * 1024)] = Field(
        default=256 * 1024, description="Most bytes of one delivery; a larger one is refused unread."
    )
    read_timeout: Annotated[SomeSeconds, Field(le=60)] = Field(
        default=seconds("3s"), description="How long a delivery may take to come in."
    )
    refused_per_minute: Annotated[Whole, Field(ge=1, le=100_000)] = Field(
        default=60,
        description="So many refused deliveries of one address in a minute, and the rest of it is not read.",
    )


class _Keys(NamedTuple):
    """What a rule needs, and what it may have besides."""

    needed: frozenset[str]
    also: frozenset[str] = frozenset()


_SECRET = frozenset({"secret"})
_APP = _SECRET | {"app_key"}
_EBAY = frozenset({"verification_token", "endpoint", "public_keys"})
_OLD = frozenset({"previous_secret"})
_TIMED = _OLD | {"window"}

_RULES: Mapping[str, _Keys] = {
    HookRule.DOUYIN: _Keys(_APP, _OLD),
    HookRule.TOP: _Keys(_APP, _TIMED),
    HookRule.JD: _Keys(_APP, _TIMED),
    HookRule.PDD: _Keys(_APP, _TIMED),
    HookRule.IOP: _Keys(_APP, _OLD),
    HookRule.SHOPIFY: _Keys(_SECRET, _OLD),
    HookRule.WOOCOMMERCE: _Keys(_SECRET, _OLD),
    HookRule.EBAY: _Keys(_EBAY),
    HookRule.HMAC: _Keys(_SECRET, _TIMED),
}


class HookTable(BaseModel):
    """`[shops.NAME.hook]`: whose rules sign what a platform sends to `/hooks/NAME`, and with what."""

    model_config = _TABLE

    rule: HookRule = Field(description="Whose rules sign what comes in; the shop may be of any type.")
    secret: SecretStr | None = Field(
        default=None,
        description="What signs: the app's secret; with woocommerce and hmac the webhook's own.",
    )
    previous_secret: SecretStr | None = Field(
        default=None, description="The secret before, which counts too while a platform changes over."
    )
    app_key: Text | None = Field(
        default=None, description="Key of the app, with douyin, top, jd, pdd and iop: others are not for us."
    )
    window: Annotated[SomeSeconds, Field(le=3600)] = Field(
        default=seconds("5m"),
        description="How old or how early a signed time may be, with the rules that sign one: top, jd, pdd, "
        "hmac.",
    )
    verification_token: SecretStr | None = Field(
        default=None, description="With ebay: what answers its challenge, as written in its console."
    )
    endpoint: Text | None = Field(
        default=None, description="With ebay: the public address of this hook, as written in its console."
    )
    public_keys: dict[Text, str] | None = Field(
        default=None,
        description="With ebay: its public keys in PEM by their ids, as getPublicKey shows them.",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _fits(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 - as written
        found = [*_misfits(values)] if isinstance(values, Mapping) else []
        try:
            table = handler(values)
        except ValidationError as error:
            found += [_again(details) for details in error.errors()]
        else:
            found += _faults(table)
            if not found:
                return table
        raise ValidationError.from_exception_data(cls.__name__, found)


def _misfits(values: Mapping[str, Any]) -> list[InitErrorDetails]:
    """Return what the rule needs and has not, and what another rule would need."""
    keys = _RULES.get(str(values.get("rule", "")))
    if keys is None:
        return []
    missing = sorted(keys.needed - {key for key, value in values.items() if value is not None})
    others = {key for each in _RULES.values() for key in each.needed | each.also}
    useless = sorted(others.intersection(values) - keys.needed - keys.also)
    rule = str(values["rule"])
    hint = f"{rule} knows {', '.join(sorted(keys.needed | keys.also))}"
    return [
        *(InitErrorDetails(type="missing", loc=(key,), input=None) for key in missing),
        *(_told(key, f"means nothing to the rule {rule}", hint) for key in useless),
    ]


def _faults(table: HookTable) -> list[InitErrorDetails]:
    found = [
        _told(name, "is empty: anybody could sign with it", "write the secret as the platform shows it")
        for name in ("secret", "previous_secret", "verification_token")
        if (secret := getattr(table, name)) is not None and not secret.get_secret_value().strip()
    ]
    for name in ("secret", "previous_secret") if table.rule is HookRule.HMAC else ():
        secret = getattr(table, name)
        if secret is not None and not _signs(secret.get_secret_value()):
            hint = "copy it whole; behind whsec_ stands base64"
            found.append(_told(name, "begins with whsec_ and is no such secret", hint))
    if table.endpoint is not None and web_address(table.endpoint) is None:
        hint = "write it as in the console: https://example.com/hooks/NAME"
        found.append(_told("endpoint", "is no address of the web", hint))
    if table.public_keys is not None:
        found += _bad_keys(table.public_keys)
    return found


def _signs(secret: str) -> bool:
    try:
        return bool(signing_key(secret))
    except ValueError:
        return False


def _bad_keys(keys: Mapping[str, str]) -> list[InitErrorDetails]:
    if not keys:
        return [_told("public_keys", "is empty", 'write public_keys = { "ID" = "PEM" }')]
    for name, text in keys.items():
        try:
            elliptic_key(text)
        except ValueError:
            hint = "copy the key as getPublicKey shows it, from -----BEGIN to KEY-----"
            return [_told("public_keys", f"{name} is no public key of an elliptic curve", hint)]
    return []


def _told(key: str, message: str, hint: str) -> InitErrorDetails:
    kind = PydanticCustomError("hook", message, {"hint": hint})
    return InitErrorDetails(type=kind, loc=(key,), input=None)


def _again(details: ErrorDetails) -> InitErrorDetails:
    """Return an error of a field once more, so that it can stand beside ours."""
    kind: str | PydanticCustomError = details["type"]
    context = details.get("ctx", {})
    if "url" not in details:
        # Only the library's own errors have a page in its manual, and can be made anew by their name.
        kind = PydanticCustomError("hook", details["msg"], context)
    return InitErrorDetails(type=kind, loc=details["loc"], input=details["input"], ctx=context)
