"""`support.pki` by its own name, for scripts from elsewhere that are given this folder (CERTPATH_TESTS)."""

import sys

from support import pki

sys.modules[__name__] = pki
