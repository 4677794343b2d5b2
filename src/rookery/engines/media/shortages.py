"""What may be lacking here, which is no fault of a file: then it is tried again later."""

import errno
from typing import Final

_SHORTAGES: Final = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EROFS, errno.EACCES)
)


def is_shortage(error: BaseException) -> bool:
    """Tell whether it is this machine that lacks something."""
    return isinstance(error, OSError) and error.errno in _SHORTAGES
