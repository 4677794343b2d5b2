"""Log lines: to the error output, for people or (JSON) for machines."""

import logging
import sys
from typing import Literal

import structlog
from structlog.typing import Processor


def configure(log_format: Literal["text", "json"], *, verbose: bool) -> None:
    """Set up logging; without `verbose` only warnings and errors are written."""
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if log_format == "json":
        processors += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        processors.append(
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        )
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO if verbose else logging.WARNING),
        logger_factory=_writer,
    )


def _writer(*_: object) -> structlog.WriteLogger:
    # What is the error output now, not what it was when logging was set up: that stream may have been closed since.
    return structlog.WriteLogger(sys.stderr)


def note_fault(error: Exception) -> None:
    """Log an error that nobody foresaw, with where it happened."""
    structlog.get_logger(__name__).error("an unforeseen error", exc_info=error)
