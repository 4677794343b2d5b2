"""A short video of a flock and a piece of birdsong, made from nothing."""

import array
import math
import random
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from rookery.demo import scenes

FILM_S: Final = 6
FRAMES_PER_S: Final = 20
FILM_SIZE: Final = (640, 360)
SONG_S: Final = 12
SAMPLES_PER_S: Final = 24_000
_FRAME_SAMPLES: Final = 1_024
_LOUD: Final = 9_000
"""Of 32,767, which is as loud as a sample can be."""


def write_film(path: Path, seed: str, *, seconds: int = FILM_S) -> None:
    """Write an MP4 in which a flock turns over water in the evening, and is heard."""
    import av as library  # noqa: PLC0415  heavy, and only this part needs it

    av: Any = library
    with av.open(str(path), "w", format="mp4") as output:
        video = output.add_stream("libx264", rate=FRAMES_PER_S)
        video.width, video.height = FILM_SIZE
        video.pix_fmt = "yuv420p"
        video.options = {"preset": "veryfast", "crf": "23"}
        audio = output.add_stream("aac", rate=SAMPLES_PER_S)
        audio.layout = "mono"
        count = seconds * FRAMES_PER_S
        for number in range(count):
            picture = scenes.frame(
                "reeds", "dusk", width=FILM_SIZE[0], height=FILM_SIZE[1], seed=seed, share=number / count
            )
            frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_S)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
        _sing(av, output, audio, song(seed, seconds=seconds))


def write_song(path: Path, seed: str) -> None:
    """Write birdsong as audio."""
    import av as library  # noqa: PLC0415  as above

    av: Any = library
    with av.open(str(path), "w", format="ipod") as output:
        audio = output.add_stream("aac", rate=SAMPLES_PER_S)
        audio.layout = "mono"
        _sing(av, output, audio, song(seed, seconds=SONG_S))


def _sing(av: Any, output: Any, stream: Any, samples: "array.array[int]") -> None:
    for start in range(0, len(samples), _FRAME_SAMPLES):
        piece = samples[start : start + _FRAME_SAMPLES]
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(piece))
        frame.planes[0].update(piece.tobytes())
        frame.sample_rate, frame.pts = SAMPLES_PER_S, start
        frame.time_base = Fraction(1, SAMPLES_PER_S)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def song(seed: str, *, seconds: int) -> "array.array[int]":
    """Return birdsong as samples: strophes of whistles that rise, fall and trill, with pauses between."""
    chance = random.Random(seed)
    samples = array.array("h", bytes(2 * seconds * SAMPLES_PER_S))
    at = 0.3
    while at < seconds - 1.2:
        pitch, glide, trill = (
            chance.uniform(1_900, 4_200),
            chance.uniform(-0.35, 0.4),
            chance.choice((0, 0, 24, 38)),
        )
        length = chance.uniform(0.07, 0.2)
        for _ in range(chance.randint(2, 7)):
            _whistle(samples, at, length=length, pitch=pitch, glide=glide, trill=trill)
            at += length + chance.uniform(0.02, 0.06)
        at += chance.uniform(0.15, 0.7)
    return samples


def _whistle(
    samples: "array.array[int]", at: float, *, length: float, pitch: float, glide: float, trill: int
) -> None:
    first, count = round(at * SAMPLES_PER_S), round(length * SAMPLES_PER_S)
    phase = 0.0
    for step in range(min(count, len(samples) - first)):
        share = step / count
        shake = 1 + 0.06 * math.sin(2 * math.pi * trill * share * length) if trill else 1.0
        phase += 2 * math.pi * pitch * (1 + glide * share) * shake / SAMPLES_PER_S
        loudness = _LOUD * math.sin(math.pi * share) ** 0.7
        samples[first + step] = round(loudness * (math.sin(phase) + 0.18 * math.sin(2 * phase)))
