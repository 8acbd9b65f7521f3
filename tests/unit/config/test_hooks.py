"""The settings of hooks: what each rule needs, all mistakes at once, and no secret shown."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from syncd.config.configuration import Configuration
from syncd.config.hooks import HookRule, HookTable
from tests.unit.adapters.hooks_rig import ENDPOINT, OTHER_KEY, pem
from tests.unit.config.stand import VALID, load_text, problems_of

SHOP = "tmall"
HOOK = f"[shops.{SHOP}.hook]\n"
GOOD = {"HOOK": "planted", "OLD": "planted-before"}


def _loaded(folder: Path, keys: str) -> Configuration:
    return load_text(folder, VALID + HOOK + keys, GOOD)


def _wrong(folder: Path, keys: str, environ: dict[str, str] | None = None) -> list[tuple[str, str]]:
    rows = problems_of(folder, VALID + HOOK + keys, GOOD if environ is None else environ)
    assert "planted" not in str(rows)
    return [(row.key.removeprefix(f"shops.{SHOP}."), row.message) for row in rows]


def test_a_shop_has_no_hook_by_default(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, VALID)
    assert [shop.core.hook for shop in loaded.shops.values()] == [None] * len(loaded.shops)
    assert loaded.settings.hooks.body_limit == 256 * 1024


def test_a_hook_is_read_with_its_secrets(tmp_path: Path) -> None:
    keys = 'rule = "hmac"\nsecret = "env:HOOK"\nprevious_secret = "env:OLD"\nwindow = "1m"\n'
    hook = next(shop.core.hook for shop in _loaded(tmp_path, keys).shops.values() if shop.core.hook)
    assert hook.secret is not None
    assert (hook.rule, hook.secret.get_secret_value(), hook.window) == (HookRule.HMAC, "planted", 60)
    assert "planted" not in repr(hook)


def test_a_hook_decides_no_quantity(tmp_path: Path) -> None:
    keys = 'rule = "shopify"\nsecret = "env:HOOK"\n'
    assert _loaded(tmp_path, keys).fingerprint == load_text(tmp_path, VALID).fingerprint


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    keys = 'rule = "douyin"\nsecrt = "x"\nwindow = "soon"\nendpoint = "https://a.example"\napp_key = ""\n'
    assert sorted(_wrong(tmp_path, keys)) == [
        ("hook.app_key", "must not be empty"),
        ("hook.endpoint", "means nothing to the rule douyin"),
        ("hook.secret", "is missing"),
        ("hook.secrt", "is no key of this table"),
        ("hook.window", "means nothing to the rule douyin"),
    ]


@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        ("", [("hook.rule", "is missing")]),
        ('rule = "weixin"', [("hook.rule", "must be one of")]),
        ('rule = "shopify"', [("hook.secret", "is missing")]),
        ('rule = "shopify"\nsecret = "planted"', [("hook.secret", "must be a reference")]),
        ('rule = "hmac"\nsecret = "env:HOOK"\nwindow = "2h"', [("hook.window", "must be 3,600 or less")]),
        ('rule = "hmac"\nsecret = "env:HOOK"\nwindow = "soon"', [("hook.window", "is not a duration")]),
        (
            'rule = "ebay"',
            [(f"hook.{key}", "is missing") for key in ("endpoint", "public_keys", "verification_token")],
        ),
    ],
)
def test_what_a_rule_lacks_is_told(tmp_path: Path, keys: str, wrong: list[tuple[str, str]]) -> None:
    found = _wrong(tmp_path, keys)
    assert [key for key, _ in found] == [key for key, _ in wrong]
    assert all(message.startswith(begin) for (_, message), (_, begin) in zip(found, wrong, strict=True))


def test_a_variable_that_is_empty_signs_nothing(tmp_path: Path) -> None:
    keys = 'rule = "shopify"\nsecret = "env:HOOK"\n'
    assert _wrong(tmp_path, keys, {"HOOK": ""}) == [("hook.secret", "the environment variable HOOK is empty")]


@pytest.mark.parametrize("secret", ["", "   "])
def test_an_empty_secret_is_refused_wherever_it_comes_from(secret: str) -> None:
    with pytest.raises(ValidationError, match="anybody could sign"):
        HookTable.model_validate({"rule": "shopify", "secret": SecretStr(secret)})


@pytest.mark.parametrize("secret", ["whsec_", "whsec_?", "whsec_abc"])
def test_a_secret_that_was_not_copied_whole_is_refused(tmp_path: Path, secret: str) -> None:
    keys = 'rule = "hmac"\nsecret = "env:HOOK"\n'
    assert _wrong(tmp_path, keys, {"HOOK": secret}) == [
        ("hook.secret", "begins with whsec_ and is no such secret")
    ]


def test_a_hook_whose_credential_only_the_unit_reads_does_not_keep_the_shop_from_being_called(
    tmp_path: Path,
) -> None:
    loaded = load_text(tmp_path, f'{VALID}{HOOK}rule = "shopify"\nsecret = "credential:hook"\n')
    assert all(not shop.unresolved for shop in loaded.shops.values())
    assert any("credential" in note.message for note in loaded.notes)


@pytest.mark.parametrize(("http", "notes"), [("", 1), ("[http]\nport = 8080\n", 0)])
def test_a_hook_without_a_door_is_noted(tmp_path: Path, http: str, notes: int) -> None:
    text = f'{VALID}{HOOK}rule = "shopify"\nsecret = "env:HOOK"\n{http}'
    loaded = load_text(tmp_path, text, GOOD)
    assert len([note for note in loaded.notes if "hook" in note.key]) == notes


def _ebay(keys: str, endpoint: str = ENDPOINT) -> str:
    begin = 'rule = "ebay"\nverification_token = "env:HOOK"\n'
    return f'{begin}endpoint = "{endpoint}"\npublic_keys = {{ {keys} }}\n'


def test_a_public_key_may_stand_in_one_line(tmp_path: Path) -> None:
    text = pem(OTHER_KEY).replace("\n", "")
    hook = next(
        shop.core.hook
        for shop in _loaded(tmp_path, _ebay(f'"k" = "{text}"')).shops.values()
        if shop.core.hook
    )
    assert hook.public_keys == {"k": text}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no key",
        "-----BEGIN PUBLIC KEY-----AAAA-----END PUBLIC KEY-----",
        # A key of Ed25519, and one of a kind that nobody has.
        "MCowBQYDK2VwAyEASAdaWX5yGhVuLgeZ3lzAxTJNxufq8c3UYlCGjsUyFd0=",
        "MA4wCAYGKwYBBAEBAwIAAA==",
    ],
)
def test_what_is_no_public_key_is_refused(tmp_path: Path, text: str) -> None:
    assert _wrong(tmp_path, _ebay(f'"k" = "{text}"')) == [
        ("hook.public_keys", "k is no public key of an elliptic curve")
    ]


def test_an_endpoint_is_an_address_of_the_web_and_there_is_a_key(tmp_path: Path) -> None:
    assert _wrong(tmp_path, _ebay("", "here")) == [
        ("hook.endpoint", "is no address of the web"),
        ("hook.public_keys", "is empty"),
    ]


@pytest.mark.parametrize(
    ("keys", "key"),
    [("body_limit = 10", "hooks.body_limit"), ('read_timeout = "2m"', "hooks.read_timeout")],
)
def test_the_limits_have_limits(tmp_path: Path, keys: str, key: str) -> None:
    assert [row.key for row in problems_of(tmp_path, f"{VALID}[hooks]\n{keys}\n")] == [key]
