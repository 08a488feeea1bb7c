"""Logs are JSON lines on stderr: a line break or an escape in a value cannot forge a line."""

import logging
import sys

import structlog


def configure() -> None:
    """For processes of the hub; libraries log through the same line at warning and above."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s %(message)s")
    # Authlib prints tokens at debug level (security.md P13).
    logging.getLogger("authlib").setLevel(logging.WARNING)
    # That a job still runs at its next tick is no news; large batches take many ticks.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
