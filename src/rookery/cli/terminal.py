"""How commands speak to people: answers on the output, everything else on the error output."""

import sys


def say(sentence: str) -> None:
    """Tell on the error output how things go."""
    print(sentence, file=sys.stderr, flush=True)


def complain(sentence: str) -> None:
    """Say on the error output what went wrong."""
    sentence = " ".join(sentence.split())
    end = "" if sentence.endswith((".", "!", "?")) else "."
    print(f"rookery: {sentence}{end}", file=sys.stderr, flush=True)
