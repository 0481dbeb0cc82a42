"""An embedding becomes units."""

from gde.generators.cvae import CVAE
from gde.generators.diffusion import Diffusion
from gde.generators.flow_matching import FlowMatching
from gde.generators.generator import Generator

__all__ = ["CVAE", "Diffusion", "FlowMatching", "Generator"]
