"""What a deployment needs around it: looked at beforehand, and nothing of it changed.

One module for each concern; its functions take the transport and what is wanted, and return
checks. A look that is not permitted, or a service that is switched off, is "could not tell".
"""

from .check import Check, Status
from .pulumi_side import check_pulumi
from .rounds import Patient, examine
from .wanted import Wanted, wanted_by

__all__ = ["Check", "Patient", "Status", "Wanted", "check_pulumi", "examine", "wanted_by"]
