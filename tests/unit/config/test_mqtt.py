"""The settings of `[mqtt]`: none by default, secrets by reference, and what does not fit together."""

from pathlib import Path

import pytest

from tests.unit.config.stand import VALID, load_text, problems_of

WHOLE = '[mqtt]\nhost = "broker"\nuser = "syncd"\npassword = "env:BROKER_PASSWORD"\n'


def test_without_the_table_there_is_no_broker(tmp_path: Path) -> None:
    assert load_text(tmp_path, VALID).settings.mqtt.host == ""


def test_the_password_is_read_from_where_it_is_kept(tmp_path: Path) -> None:
    mqtt = load_text(tmp_path, VALID + WHOLE, {"BROKER_PASSWORD": "planted"}).settings.mqtt
    assert mqtt.password is not None
    assert mqtt.password.get_secret_value() == "planted"


def test_the_password_is_in_no_repr(tmp_path: Path) -> None:
    settings = load_text(tmp_path, VALID + WHOLE, {"BROKER_PASSWORD": "planted"}).settings
    assert "planted" not in repr(settings)


@pytest.mark.parametrize(
    ("keys", "port"), [("", 1883), ("tls = true", 8883), ("tls = true\nport = 1884", 1884)]
)
def test_the_port_goes_by_tls_unless_it_is_written(tmp_path: Path, keys: str, port: int) -> None:
    text = f'{VALID}[mqtt]\nhost = "broker"\n{keys}\n'
    assert load_text(tmp_path, text).settings.mqtt.true_port == port


@pytest.mark.parametrize(
    ("keys", "name"), [("", "syncd-syncd"), ('base = "a/b"', "syncd-a/b"), ('client_id = "x"', "x")]
)
def test_the_name_at_the_broker_goes_by_the_base_unless_it_is_written(
    tmp_path: Path, keys: str, name: str
) -> None:
    text = f'{VALID}[mqtt]\nhost = "broker"\n{keys}\n'
    assert load_text(tmp_path, text).settings.mqtt.true_client_id == name


def test_a_relative_file_of_authorities_lies_beside_the_main_file(tmp_path: Path) -> None:
    text = f'{VALID}[mqtt]\nhost = "broker"\ntls = true\nca = "ca.pem"\n'
    assert load_text(tmp_path, text).settings.mqtt.ca == tmp_path / "ca.pem"


def test_a_broker_can_be_named_from_outside(tmp_path: Path) -> None:
    environ = {"SYNCD_MQTT__HOST": "broker", "SYNCD_MQTT__PORT": "1884", "SYNCD_MQTT__TLS": "true"}
    mqtt = load_text(tmp_path, VALID, environ).settings.mqtt
    assert (mqtt.host, mqtt.true_port, mqtt.tls) == ("broker", 1884, True)


@pytest.mark.parametrize(
    ("keys", "key", "message"),
    [
        ('user = "syncd"', "mqtt", "has no host"),
        ('host = "b"\npassword = "env:BROKER_PASSWORD"', "mqtt", "has a password but no user"),
        ('host = "b"\nca = "ca.pem"', "mqtt", "has a ca but no tls"),
        ('host = "b"\ntls = true\nca = "~/ca.pem"', "mqtt.ca", "is not a file"),
        ('host = "tcp://b"', "mqtt.host", "has characters that are not allowed here"),
        ('host = "b"\nbase = "a/#"', "mqtt.base", "has characters that are not allowed here"),
        ('host = "b"\nbase = "a/"', "mqtt.base", "has characters that are not allowed here"),
        ('host = "b"\nbase = ""', "mqtt.base", "has characters that are not allowed here"),
        ('host = "b"\nport = 65536', "mqtt.port", "must be 65,535 or less"),
        ('host = "b"\nqos = 1', "mqtt.qos", "is no key of this table"),
    ],
)
def test_what_does_not_fit_is_one_problem(tmp_path: Path, keys: str, key: str, message: str) -> None:
    rows = problems_of(tmp_path, f"{VALID}[mqtt]\n{keys}\n", {"BROKER_PASSWORD": "planted"})
    assert [(row.key, row.message) for row in rows] == [(key, message)]


def test_a_password_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    rows = problems_of(tmp_path, f'{VALID}[mqtt]\nhost = "b"\nuser = "u"\npassword = "planted"\n')
    assert [row.key for row in rows] == ["mqtt.password"]
    assert "planted" not in str(rows)
