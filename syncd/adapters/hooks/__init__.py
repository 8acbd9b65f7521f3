"""What platforms send us by themselves: their rules by the short words of the settings; no I/O."""

from collections.abc import Callable, Mapping

from syncd.adapters.hooks.douyin import DouyinHook
from syncd.adapters.hooks.iop import IopHook
from syncd.adapters.hooks.shopify import ShopifyHook
from syncd.adapters.hooks.signed_params import JD, PDD, TOP, Rules, SignedParamsHook
from syncd.adapters.hooks.standard import StandardHook
from syncd.adapters.hooks.woocommerce import WooHook
from syncd.config.hooks import HookRule, HookTable
from syncd.ports.hooks import Hook

__all__ = ["open_hook"]


def open_hook(table: HookTable) -> Hook:
    """Return the rules that a checked table names."""
    return _RULES[table.rule](table)


def _secrets(table: HookTable) -> list[str]:
    kept = (table.secret, table.previous_secret)
    return [secret.get_secret_value() for secret in kept if secret is not None]


def _params(rules: Rules) -> Callable[[HookTable], Hook]:
    def make(table: HookTable) -> Hook:
        return SignedParamsHook(rules, app_key=table.app_key or "", secrets=_secrets(table))

    return make


def _ebay(table: HookTable) -> Hook:
    # Here, so that nobody loads its library who has no shop there.
    from syncd.adapters.hooks.ebay import EbayHook  # noqa: PLC0415

    token = "" if table.verification_token is None else table.verification_token.get_secret_value()
    return EbayHook(token=token, endpoint=table.endpoint or "", keys=table.public_keys or {})


_RULES: Mapping[HookRule, Callable[[HookTable], Hook]] = {
    HookRule.DOUYIN: lambda table: DouyinHook(app_key=table.app_key or "", secrets=_secrets(table)),
    HookRule.TOP: _params(TOP),
    HookRule.JD: _params(JD),
    HookRule.PDD: _params(PDD),
    HookRule.IOP: lambda table: IopHook(app_key=table.app_key or "", secrets=_secrets(table)),
    HookRule.SHOPIFY: lambda table: ShopifyHook(secrets=_secrets(table)),
    HookRule.WOOCOMMERCE: lambda table: WooHook(secrets=_secrets(table)),
    HookRule.EBAY: _ebay,
    HookRule.HMAC: lambda table: StandardHook(secrets=_secrets(table)),
}
