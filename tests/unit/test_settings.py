"""Settings: the file, the environment above it, and a sentence for everything that is wrong."""

from pathlib import Path

import pytest

from rookery import settings
from rookery.errors import Misconfigured


def load(folder: Path, text: str = "", **environment: str) -> settings.Settings:
    file = folder / "rookery.toml"
    file.write_text(text, encoding="utf-8")
    return settings.load({f"ROOKERY_{name.upper()}": value for name, value in environment.items()}, file=file)


def test_nothing_needs_to_be_set(tmp_path: Path):
    assert settings.load({}, file=tmp_path / "none.toml") == settings.Settings()


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path):
    text = 'title = "From the file"\ntweet_chars_max = 280\nregistrations = "closed"\n'
    loaded = load(tmp_path, text, title="From outside", minimum_age_years="18")
    assert loaded.title == "From outside"
    assert loaded.tweet_chars_max == 280
    assert loaded.registrations == "closed"
    assert loaded.minimum_age_years == 18


def test_another_file_is_named_by_the_environment(tmp_path: Path):
    other = tmp_path / "other.toml"
    other.write_text('title = "Elsewhere"', encoding="utf-8")
    assert settings.load({"ROOKERY_CONFIG": str(other)}).title == "Elsewhere"


def test_a_file_that_the_environment_names_must_be_there(tmp_path: Path):
    missing = tmp_path / "missing.toml"
    with pytest.raises(Misconfigured, match=r"missing\.toml"):
        settings.load({"ROOKERY_CONFIG": str(missing)})


def test_a_switch_may_be_a_word_or_a_truth_value(tmp_path: Path):
    assert load(tmp_path, "rate_limits = false").rate_limits == "off"
    assert load(tmp_path, "email_confirmation = true").email_confirmation == "on"
    assert load(tmp_path, rate_limits="off").rate_limits == "off"


def test_the_base_url_ends_without_a_slash(tmp_path: Path):
    assert load(tmp_path, base_url="https://birds.example/").base_url == "https://birds.example"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('colour = "red"', "colour"),
        ('tweet_chars_max = "many"', "tweet_chars_max"),
        ("tweet_chars_max = 0", "tweet_chars_max"),
        ('registrations = "sometimes"', "registrations"),
        ('base_url = "birds.example"', "base_url"),
        ("rate_limit_factor = 0", "rate_limit_factor"),
        ('rate_limits = "maybe"', "rate_limits"),
        ("title = ", "rookery.toml"),
        ("title = 5", "title"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str):
    with pytest.raises(Misconfigured) as caught:
        load(tmp_path, text)
    assert named in caught.value.message
    assert "\n" not in caught.value.message


def test_a_file_that_is_no_text_is_refused(tmp_path: Path):
    file = tmp_path / "rookery.toml"
    file.write_bytes(b'title = "\xff\xfe"')
    with pytest.raises(Misconfigured, match=r"rookery\.toml"):
        settings.load({}, file=file)


def test_variables_of_others_are_left_alone(tmp_path: Path):
    # Kubernetes gives every container such variables about a service called "rookery".
    assert load(tmp_path, service_host="10.0.0.7") == settings.Settings()


@pytest.mark.parametrize(
    "base_url",
    [
        "https://",
        "https://:80",
        "https://bir ds.example",
        "https://birds.example/path",
        "https://birds.example?q",
        "https://ada@birds.example",
        "https://birds.example:many",
        "http://[::1",
        "ftp://birds.example",
    ],
)
def test_a_base_url_is_scheme_and_host_and_nothing_else(tmp_path: Path, base_url: str):
    with pytest.raises(Misconfigured, match="base_url must be"):
        load(tmp_path, base_url=base_url)


def test_a_base_url_may_name_a_port(tmp_path: Path):
    for base_url in ("http://127.0.0.1:8000", "http://[::1]:8000", "https://vögel.example"):
        assert load(tmp_path, base_url=base_url).base_url == base_url


def test_trusted_proxies_are_addresses_and_networks(tmp_path: Path):
    loaded = load(tmp_path, trusted_proxies="127.0.0.1, 10.0.0.0/8,::1,")
    found = {str(network) for network in settings.networks_in(loaded.trusted_proxies)}
    assert found == {"127.0.0.1/32", "10.0.0.0/8", "::1/128"}
    assert settings.networks_in(load(tmp_path, trusted_proxies="").trusted_proxies) == frozenset()
    with pytest.raises(Misconfigured, match=r"trusted_proxies .* 'haproxy' is neither"):
        load(tmp_path, trusted_proxies="127.0.0.1,haproxy")


def test_a_refused_value_is_answered_with_those_that_are_not(tmp_path: Path):
    for setting, sentence in (
        ({"minimum_age_years": "many"}, "minimum_age_years must be a whole number from 0 to 120"),
        ({"rate_limit_factor": "0"}, "rate_limit_factor must be a number above 0"),
        ({"log_format": "xml"}, "log_format must be json or text"),
    ):
        with pytest.raises(Misconfigured) as caught:
            load(tmp_path, **setting)
        assert caught.value.message == sentence


@pytest.mark.parametrize(
    "variable",
    ["ROOKERY_SERVICE_PORT", "ROOKERY_SERVICE_PORT_HTTP", "ROOKERY_PORT", "ROOKERY_PORT_8000_TCP_ADDR",
     "ROOKERY_DATABASE_PORT", "ROOKERY_REDIS_SERVICE_HOST", "ROOKERY_TESTS_SERVERS", "ROOKERY_HOME", "REGISTRATION"],
)  # fmt: skip
def test_unrelated_variables_are_left_alone(variable: str, tmp_path: Path):
    assert settings.load({variable: "x"}, file=tmp_path / "none.toml") == settings.Settings()


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("ROOKERY_REGISTRATION", "ROOKERY_REGISTRATIONS"),
        ("ROOKERY_RATELIMITS", "ROOKERY_RATE_LIMITS"),
        ("ROOKERY_TRUSTED_PROXY", "ROOKERY_TRUSTED_PROXIES"),
        ("ROOKERY_DATABASE_URI", "ROOKERY_DATABASE_URL"),
        ("ROOKERY_CONFIGS", "ROOKERY_CONFIG"),
    ],
)
def test_a_misspelt_variable_is_refused_with_what_was_meant(variable: str, meant: str, tmp_path: Path):
    with pytest.raises(Misconfigured, match=f"{variable}; did you mean {meant}"):
        settings.load({variable: "closed"}, file=tmp_path / "none.toml")
