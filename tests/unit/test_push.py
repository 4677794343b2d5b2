"""Web Push encryption, held by the example in RFC 8291, section 5."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from rookery.domain.push import check_endpoint, check_keys, decoded
from rookery.engines.push import encrypt
from rookery.errors import Invalid

CLIENT_KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
CLIENT_SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
EXPECTED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_a_message_is_encrypted_as_in_the_rfc():
    number = int.from_bytes(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
    sealed = encrypt(
        b"When I grow up, I want to be a watermelon",
        client_key=decoded(CLIENT_KEY),
        client_secret=decoded(CLIENT_SECRET),
        salt=decoded("DGv6ra1nlYgDCS1FRnbzlw"),
        own_key=ec.derive_private_key(number, ec.SECP256R1()),
    )
    assert base64.urlsafe_b64encode(sealed).decode().rstrip("=") == EXPECTED


@pytest.mark.parametrize(
    "endpoint",
    ["http://push.example/1", "https://", "ftp://push.example", "https://a b", "https://x:99999/", ""],
)
def test_what_is_no_endpoint_is_refused(endpoint: str):
    with pytest.raises(Invalid):
        check_endpoint(endpoint)


@pytest.mark.parametrize(
    ("key", "secret"), [("", CLIENT_SECRET), (CLIENT_KEY, "abc"), (CLIENT_KEY[:-2], "!!")]
)
def test_what_are_no_keys_are_refused(key: str, secret: str):
    with pytest.raises(Invalid):
        check_keys(key, secret)


def test_keys_may_come_in_either_alphabet_and_with_padding():
    check_keys(CLIENT_KEY.replace("-", "+").replace("_", "/") + "=", CLIENT_SECRET + "==")
