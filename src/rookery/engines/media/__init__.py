"""From what people upload to what clients show: pictures by Pillow, moving ones and sound by PyAV's FFmpeg.

All of it runs in child processes (`child`), which the service starts and watches (`converting`): no file can crash the
service or make it swell (docs/decisions/0027-media-conversion.md).
"""
