"""What a unit is: how it is featurised, scored and written back."""

from gde.observations.bernoulli import Bernoulli
from gde.observations.continuous import Continuous
from gde.observations.convolution import Convolution
from gde.observations.count_likelihood import CountLikelihood
from gde.observations.counts import CountLikelihoodName, Counts
from gde.observations.exposure import Exposure
from gde.observations.exposure_frame import ExposureFrame
from gde.observations.frame import Frame
from gde.observations.gene_stem import GeneStem
from gde.observations.image import Image
from gde.observations.image_normal import ImageNormal
from gde.observations.joint import Joint
from gde.observations.library_size import LibrarySize
from gde.observations.negative_binomial import NegativeBinomial
from gde.observations.negative_binomial_log_prob import NegativeBinomialLogProb
from gde.observations.normal import Normal
from gde.observations.observation import Observation
from gde.observations.poisson import Poisson
from gde.observations.pretrained import Pretrained
from gde.observations.principal_components import principal_components
from gde.observations.sequence_featuriser import SequenceFeaturiser
from gde.observations.sequences import Sequences
from gde.observations.zero_inflated_negative_binomial import ZeroInflatedNegativeBinomial

__all__ = [
    "Bernoulli",
    "Continuous",
    "Convolution",
    "CountLikelihood",
    "CountLikelihoodName",
    "Counts",
    "Exposure",
    "ExposureFrame",
    "Frame",
    "GeneStem",
    "Image",
    "ImageNormal",
    "Joint",
    "LibrarySize",
    "NegativeBinomial",
    "NegativeBinomialLogProb",
    "Normal",
    "Observation",
    "Poisson",
    "Pretrained",
    "SequenceFeaturiser",
    "Sequences",
    "ZeroInflatedNegativeBinomial",
    "principal_components",
]
