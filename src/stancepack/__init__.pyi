"""The public names of stancepack, each once: for type checkers, and loaded when first used."""

from .dataset.citation import cite as cite
from .dataset.codebook import Codebook as Codebook
from .dataset.diff import diff as diff
from .dataset.package import StancePackage as StancePackage
from .dataset.package import load as load
from .dataset.scales import Scale as Scale
from .errors import NotConverged as NotConverged
from .errors import StancepackDeprecation as StancepackDeprecation
from .errors import StancepackError as StancepackError
from .errors import StancepackWarning as StancepackWarning
from .errors import UnknownName as UnknownName
from .positions.change_points import change_points as change_points
from .positions.events import event_effect as event_effect
from .positions.evidence import evidence as evidence
from .positions.multiverse import Multiverse as Multiverse
from .positions.multiverse import multiverse as multiverse
from .positions.multiverse import universe as universe
from .positions.networks import network as network
from .positions.reversals import reversals as reversals
from .positions.scaling import scale as scale
from .positions.simulation import simulate as simulate
from .positions.trajectory import Trajectory as Trajectory
from .positions.trajectory import trajectory as trajectory
from .project.adding import add_statements as add_statements
from .project.new import Outline as Outline
from .project.new import new_project as new_project
from .project.project import Project as Project
from .release.build import build as build
from .release.disagreements import disagreements as disagreements
from .release.figures import agreement_table as agreement_table
from .reliability.agreement import agreement as agreement
from .reliability.agreement import agreement_by as agreement_by
from .reliability.codings import Codings as Codings
from .reliability.codings import codings as codings
from .reliability.combining import Combined as Combined
from .reliability.combining import combine as combine
from .reliability.diagnosis import Diagnosis as Diagnosis
from .reliability.diagnosis import diagnose as diagnose
from .reliability.planning import Plan as Plan
from .reliability.planning import plan_agreement as plan_agreement
from .reliability.result import Agreement as Agreement
from .reliability.spans import unitising_alpha as unitising_alpha
from .validation.validate import validate as validate

__version__: str
