"""Sending Web Push messages: encrypted for one subscription (RFC 8291), signed by the instance (RFC 8292).

The cryptographic steps are `cryptography`'s; how they are put together is the RFCs' and held by their own example
(docs/decisions/0017-web-push.md).
"""

import asyncio
import base64
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from rookery.domain.measurements import Kind, Measurement
from rookery.domain.push import Push, PushResult, decoded
from rookery.engines.public_addresses import public_pool
from rookery.errors import Unavailable

TTL_S: Final = 172_800
"""How long a push service keeps a message for a phone that is off: two days."""
ANSWER_TIMEOUT_S: Final = 10.0
SIGNED_FOR_S: Final = 43_200
"""How long a signature holds; RFC 8292 allows a day."""
RECORD_BYTES: Final = 4_096
RETRY_AFTER_S_MAX: Final = 3_600


def new_key() -> str:
    """Return a new key pair for signing: the private and the public key, each base64url, with a dot between."""
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  heavy, and few need it

    key = ec.generate_private_key(ec.SECP256R1())
    return f"{_encoded(key.private_numbers().private_value.to_bytes(32))}.{_encoded(_point(key))}"


def encrypt(payload: bytes, *, client_key: bytes, client_secret: bytes, salt: bytes, own_key: Any) -> bytes:
    """Return the payload as one `aes128gcm` record (RFC 8188) for the holder of the client's keys (RFC 8291, 3.4)."""
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    receiver = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), client_key)
    sender = _point(own_key)
    shared = own_key.exchange(ec.ECDH(), receiver)
    info = b"WebPush: info\0" + client_key + sender
    secret = _derived(shared, salt=client_secret, info=info, length=32)
    content_key = _derived(secret, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=16)
    nonce = _derived(secret, salt=salt, info=b"Content-Encoding: nonce\0", length=12)
    sealed = AESGCM(content_key).encrypt(nonce, payload + b"\x02", None)
    return salt + RECORD_BYTES.to_bytes(4) + bytes([len(sender)]) + sender + sealed


def _derived(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def _point(private_key: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  as above

    return private_key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class HttpsPushSender:
    """The `PushSender` port over HTTPS."""

    def __init__(self, key: str, *, contact: str, private_addresses: bool) -> None:
        """Take a key pair, whom push services may turn to, and whether endpoints in private networks are fine."""
        self._private_key, _, self.public_key = key.partition(".")
        self._contact = contact
        self._private_addresses = private_addresses
        self._pool: Any = None
        self._counts: Counter[str] = Counter()

    def _key(self) -> Any:
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  as above

        return ec.derive_private_key(int.from_bytes(decoded(self._private_key)), ec.SECP256R1())

    async def send(self, push: Push, /) -> PushResult:
        """Hand a message to its push service. Raises Unavailable when that cannot be reached."""
        import httpcore  # noqa: PLC0415  as above
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

        subscription = push.subscription
        body = encrypt(
            push.payload,
            client_key=decoded(subscription.client_key),
            client_secret=decoded(subscription.client_secret),
            salt=os.urandom(16),
            own_key=ec.generate_private_key(ec.SECP256R1()),
        )
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(TTL_S),
            "Urgency": push.urgency.value,
            "Topic": push.topic,
            "Authorization": self._authorization(subscription.endpoint),
        }
        if self._pool is None:
            self._pool = public_pool(private_addresses=self._private_addresses)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                answer = await self._pool.request(
                    "POST", subscription.endpoint, headers=headers, content=body
                )
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            OSError,
            UnicodeError,
        ) as error:
            self._counts["unreachable"] += 1
            raise Unavailable(f"the push service cannot be reached: {type(error).__name__}") from error
        result = PushResult(answer.status, _retry_after(answer.headers))
        self._counts["accepted" if result.is_accepted else "gone" if result.is_gone else "refused"] += 1
        return result

    def _authorization(self, endpoint: str) -> str:
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  as above
        from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415

        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(time.time()) + SIGNED_FOR_S,
            "sub": self._contact,
        }
        head = _encoded(msgspec.json.encode({"typ": "JWT", "alg": "ES256"}))
        signed = f"{head}.{_encoded(msgspec.json.encode(claims))}"
        key = self._key()
        r, s = utils.decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        signature = _encoded(r.to_bytes(32) + s.to_bytes(32))
        return f"vapid t={signed}.{signature}, k={_encoded(_point(key))}"

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        return [
            Measurement(
                f"rookery_pushes_{outcome}",
                f"Web Push messages {words}.",
                Kind.COUNTER,
                lambda outcome=outcome: self._counts[outcome],
            )
            for outcome, words in (
                ("accepted", "that push services took"),
                ("refused", "that push services refused"),
                ("gone", "for subscriptions that were no more"),
                ("unreachable", "whose push service could not be reached"),
            )
        ]

    async def close(self) -> None:
        """Let go of connections."""
        if self._pool is not None:
            await self._pool.aclose()


def _retry_after(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit():
            return min(int(value), RETRY_AFTER_S_MAX)
    return None
