"""An embedding becomes units."""

from gde.generators.autoregressive import Autoregressive
from gde.generators.cvae import CVAE
from gde.generators.diffusion import Diffusion
from gde.generators.flow_matching import FlowMatching
from gde.generators.generator import Generator
from gde.generators.implicit_generator import ImplicitGenerator
from gde.generators.language_model import LanguageModel
from gde.generators.mmd import MMD
from gde.generators.normalizing_flow import NormalizingFlow
from gde.generators.sinkhorn import Sinkhorn
from gde.generators.sliced_wasserstein import SlicedWasserstein
from gde.generators.token_generator import TokenGenerator
from gde.generators.wormhole import Wormhole

__all__ = [
    "CVAE",
    "MMD",
    "Autoregressive",
    "Diffusion",
    "FlowMatching",
    "Generator",
    "ImplicitGenerator",
    "LanguageModel",
    "NormalizingFlow",
    "Sinkhorn",
    "SlicedWasserstein",
    "TokenGenerator",
    "Wormhole",
]
