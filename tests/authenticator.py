"""A device with passkeys, in software: what a browser would send for it (https://www.w3.org/TR/webauthn-3/)."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT = 0x01
VERIFIED = 0x04
HOLDS_KEY = 0x40


def encoded(data: bytes) -> str:
    """Return bytes as URL-safe Base64 without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """Return the bytes of such a text."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Key:
    """One passkey on the device."""

    credential_id: bytes
    rp_id: str
    user_handle: bytes
    private: ec.EllipticCurvePrivateKey
    uses: int = 0


@dataclass
class Authenticator:
    """A device; fields that tests change make it lie or fall short."""

    origin: str
    verifies: bool = True
    """Whether it asks for a finger or a PIN."""
    counts: bool = True
    """Whether it counts how often a key was used; those in phones do not."""
    keys: list[Key] = field(default_factory=list)

    def create(self, question: str, *, challenge: bytes | None = None) -> str:
        """Make a key for what the page asks; return the answer as the page would send it."""
        asked = json.loads(question)
        key = Key(
            credential_id=secrets.token_bytes(32),
            rp_id=asked["rp"]["id"],
            user_handle=decoded(asked["user"]["id"]),
            private=ec.generate_private_key(ec.SECP256R1()),
        )
        known = {decoded(entry["id"]) for entry in asked.get("excludeCredentials", [])}
        assert not known & {held.credential_id for held in self.keys}, "the device holds a key already"
        self.keys.append(key)
        numbers = key.private.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        data = self._data(key, HOLDS_KEY)
        data += (
            bytes(16) + struct.pack(">H", len(key.credential_id)) + key.credential_id + cbor2.dumps(public)
        )
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", challenge or decoded(asked["challenge"]))
        return self._answer(
            key,
            clientDataJSON=encoded(client_data),
            attestationObject=encoded(attestation),
            transports=["internal", "hybrid", "telepathy"],
        )

    def get(self, question: str, *, challenge: bytes | None = None, key: Key | None = None) -> str:
        """Prove a key for what the page asks; return the answer as the page would send it."""
        asked = json.loads(question)
        allowed = {decoded(entry["id"]) for entry in asked.get("allowCredentials", [])}
        key = key or next(
            held
            for held in self.keys
            if held.rp_id == asked["rpId"] and (not allowed or held.credential_id in allowed)
        )
        key.uses += 1
        data = self._data(key, 0)
        client_data = self._client_data("webauthn.get", challenge or decoded(asked["challenge"]))
        signature = key.private.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            key,
            clientDataJSON=encoded(client_data),
            authenticatorData=encoded(data),
            signature=encoded(signature),
            userHandle=encoded(key.user_handle),
        )

    def _data(self, key: Key, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        uses = key.uses if self.counts else 0
        return hashlib.sha256(key.rp_id.encode()).digest() + struct.pack(">BI", flags, uses)

    def _client_data(self, kind: str, challenge: bytes) -> bytes:
        said = {"type": kind, "challenge": encoded(challenge), "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, key: Key, **response: Any) -> str:
        name = encoded(key.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
