"""``python -m mimamo``: see `mimamo.cli`."""

import sys

from mimamo.cli import main

sys.exit(main())
