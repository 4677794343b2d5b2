"""Taking lists along."""

from collections.abc import AsyncGenerator

from rookery import exporting
from rookery.domain.archives import ExportKind
from rookery.domain.ids import UserId
from rookery.services import Services


def export_list(services: Services, user_id: UserId, kind: ExportKind) -> AsyncGenerator[bytes]:
    """Yield a list of the user's as comma-separated values, piece by piece."""
    return exporting.csv_pieces(services, user_id, kind)
