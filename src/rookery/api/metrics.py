"""What `/metrics` tells Prometheus: requests, counted for next to nothing on the way, and what the parts count."""

import resource
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rookery.domain.measurements import Kind, Measurement
from rookery.services import Services
from rookery.usecases import watching

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

CONTENT_TYPE: Final = b"text/plain; version=0.0.4; charset=utf-8"
LATENCY_BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_PAGE_BYTES: Final = resource.getpagesize()


class RequestCounts:
    """Requests by route and status, and how long they took."""

    __slots__ = ("by_status", "in_flight", "refused", "seconds", "spread")

    def __init__(self) -> None:
        """Start at zero."""
        self.in_flight = 0
        self.refused = 0
        """Turned away because the process was full."""
        self.by_status: dict[tuple[str, str, int], int] = {}
        """By method, route and status."""
        self.spread: dict[str, list[int]] = {}
        """For each route, how many requests fell between two of `LATENCY_BOUNDS_S`."""
        self.seconds: dict[str, float] = {}

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. Plain dictionaries: this runs on every request (about 1 µs)."""
        key = (method, route, status)
        self.by_status[key] = self.by_status.get(key, 0) + 1
        spread = self.spread.get(route)
        if spread is None:
            spread = self.spread[route] = [0] * (len(LATENCY_BOUNDS_S) + 1)
            self.seconds[route] = 0.0
        spread[bisect_left(LATENCY_BOUNDS_S, seconds)] += 1
        self.seconds[route] += seconds


class Metrics:
    """Everything that is counted in this process, as Prometheus reads it."""

    def __init__(
        self, services: Services, requests: RequestCounts, measurements: Sequence[Measurement]
    ) -> None:
        """Take the counts of the requests and what the parts measure."""
        self._services = services
        self._requests = requests
        self._measurements = measurements

    async def require_database(self) -> None:
        """Raise Unavailable when the database does not answer."""
        await watching.require_database(self._services)

    async def render(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        # NOTE: the library brings a web server of its own; it is loaded by the first scrape, not at the start.
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415
        from prometheus_client.registry import Collector  # noqa: PLC0415

        backlog = await watching.count_backlog(self._services)
        metrics = [*self._request_metrics(), *self._gauges(backlog)]

        class Now(Collector):
            def collect(self) -> Iterable["Metric"]:
                return metrics

        registry = CollectorRegistry()
        registry.register(Now())
        return generate_latest(registry)

    def _request_metrics(self) -> Iterator["Metric"]:
        from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily  # noqa: PLC0415

        counts = self._requests
        total = CounterMetricFamily(
            "rookery_requests", "Requests answered.", labels=("method", "route", "status")
        )
        for (method, route, status), count in counts.by_status.items():
            total.add_metric((method, route, str(status)), count)
        yield total
        latency = HistogramMetricFamily(
            "rookery_request_seconds", "How long requests took.", labels=("route",)
        )
        bounds = [*map(str, LATENCY_BOUNDS_S), "+Inf"]
        for route, spread in counts.spread.items():
            below, buckets = 0, list[tuple[str, float]]()
            for bound, count in zip(bounds, spread, strict=True):
                below += count
                buckets.append((bound, below))
            latency.add_metric((route,), buckets, counts.seconds[route])
        yield latency

    def _gauges(self, backlog: watching.Backlog) -> Iterator["Metric"]:
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415

        counts = self._requests
        yield GaugeMetricFamily(
            "rookery_requests_in_flight", "Requests being answered now.", value=counts.in_flight
        )
        yield CounterMetricFamily(
            "rookery_requests_refused", "Requests turned away because the process was full.", counts.refused
        )
        yield GaugeMetricFamily("rookery_tasks_waiting", "Tasks that wait or run.", value=backlog.waiting)
        yield GaugeMetricFamily("rookery_tasks_failed", "Tasks that were given up.", value=backlog.failed)
        yield GaugeMetricFamily(
            "rookery_memory_bytes", "Resident memory of this process.", value=resident_bytes()
        )
        for measurement in self._measurements:
            family = CounterMetricFamily if measurement.kind is Kind.COUNTER else GaugeMetricFamily
            yield family(measurement.name, measurement.sentence, value=measurement.read())


def resident_bytes() -> int:
    """Return this process's resident memory; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
    except OSError:
        return 0
