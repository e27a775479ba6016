"""`support.handshake` by its own name, for scripts from elsewhere (CERTPATH_TESTS)."""

import sys

from support import handshake

sys.modules[__name__] = handshake
