"""Tables of findings, made once for the short page and for the report."""

from femsacrum.report.tables import accuracy as accuracy
from femsacrum.report.tables import criteria as criteria
from femsacrum.report.tables import experiments as experiments
from femsacrum.report.tables import guide as guide
from femsacrum.report.tables import healing as healing
from femsacrum.report.tables import instant as instant
from femsacrum.report.tables import intact as intact
from femsacrum.report.tables import model as model
from femsacrum.report.tables import movement as movement
from femsacrum.report.tables import nerves as nerves
