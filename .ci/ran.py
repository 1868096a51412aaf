"""Say what a job ran: on which Python, with which versions of what the package depends on."""

import platform
import re
import sys
from importlib.metadata import requires, version

needed = [line for line in requires("stancepack") or [] if "extra ==" not in line]
names = [re.split(r"[\s\[<>=;,~!]", line)[0] for line in needed]
versions = ", ".join(f"{name} {version(name)}" for name in names)
print(f"{sys.argv[1]}: Python {platform.python_version()}; {versions}")
