"""Errors as JSON: whatever a client has sent, the sentence about it can be written."""

import msgspec

from rookery.api.errors import body_of
from rookery.errors import BadRequest, Invalid, InvalidFields, Refused


def test_a_sentence_that_utf8_cannot_say_is_said_with_question_marks():
    said = msgspec.json.decode(body_of(BadRequest("\udcff is not valid UTF-8, and Vögel are")))
    assert said == {"error": "? is not valid UTF-8, and Vögel are"}
    assert b"Validation failed: ?" in body_of(Invalid("\ud800"))
    assert b'"error_description":"?"' in body_of(Refused("invalid_scope", "\udfff"))
    details = msgspec.json.decode(body_of(InvalidFields([("\udcff", "blank", "is \udcff")])))["details"]
    assert details == {"?": [{"error": "ERR_BLANK", "description": "is ?"}]}
