"""Diffusion: a network that takes noise off vectors, step by step."""

import numpy as np
from torch import Tensor

from gde.generators.generator import Generator
from gde.nn import Covariates, CovariateSizes, SetNoise, UNetField, VectorField, segment_mean

SCHEDULE = {
    "num_train_timesteps": 1000,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
}


class Diffusion(Generator):
    r"""Denoising diffusion of a group's vectors, given z.

    With :math:`v_t = \sqrt{\bar\alpha_t}\,v + \sqrt{1 - \bar\alpha_t}\,\epsilon` at a uniform step t, the network is trained on the velocity of Salimans & Ho
    2022 (arXiv 2202.00512, appendix D),

    .. math:: E\,\big\lVert u_\theta(v_t, t; z) - \big(\sqrt{\bar\alpha_t}\,\epsilon - \sqrt{1 - \bar\alpha_t}\,v\big) \big\rVert^2 ,

    on a schedule that ends in pure noise, from which sampling starts (Lin et al. 2024, arXiv 2305.08891). Sampling is DPM-Solver++ of order 2 (Lu et al.
    2022, arXiv 2211.01095), with steps quadratic in time: shorter as the noise goes
    (Song et al. 2021, arXiv 2010.02502, appendix D.2). Schedule and solver are those of diffusers.

    Parameters
    ----------
    n_vectors
        Width of the vectors, which should have unit scale.
    n_latent
        Width of the embedding z.
    covariates
        Which covariates the vectors depend on beside z.
    n_hidden
        Width of the hidden layers.
    n_layers
        Number of residual layers.
    image_shape
        Channel, height and width, where the vectors are the pixels of images: the network is then a U-Net (:class:`gde.nn.UNetField`), and
        ``n_hidden`` and ``n_layers`` do not count. In a :class:`gde.GDEModel` they are three times as many channels as the images have, since brightness
        and contrast come as channels too. None: the vectors have no such order.
    n_channels
        Number of channels of the U-Net's first level, a multiple of 8.
    n_steps
        Steps of the solver; each asks the network once.

    Examples
    --------
    >>> import torch
    >>> from gde.generators import Diffusion
    >>> from gde.nn import Covariates, SetNoise
    >>> covariates = Covariates(torch.zeros(5, 0, dtype=torch.long), torch.zeros(5, 0))
    >>> noise = SetNoise(seeds=[0, 1], sizes=[3, 2], device="cpu")
    >>> generator = Diffusion(n_vectors=2, n_latent=4)
    >>> generator.sample(torch.zeros(2, 4), torch.tensor([0, 0, 0, 1, 1]), covariates, noise).shape
    torch.Size([5, 2])
    """

    kinds = ("vector", "image")
    signal: Tensor

    def __init__(
        self,
        n_vectors: int,
        n_latent: int,
        covariates: CovariateSizes | None = None,
        *,
        n_hidden: int = 128,
        n_layers: int = 3,
        n_steps: int = 25,
        image_shape: tuple[int, int, int] | None = None,
        n_channels: int = 32,
    ):
        super().__init__(n_vectors, n_latent, covariates)
        from diffusers.schedulers.scheduling_ddpm import DDPMScheduler  # takes a second, which `import gde` should not

        self.n_steps = n_steps
        self.field: VectorField | UNetField = (
            VectorField(n_vectors, n_latent, self.covariates, n_hidden=n_hidden, n_layers=n_layers)
            if image_shape is None
            else UNetField(image_shape, n_latent, self.covariates, n_channels=n_channels)
        )
        self.register_buffer("signal", DDPMScheduler(**SCHEDULE).alphas_cumprod, persistent=False)

    def loss(
        self, vectors: Tensor, z: Tensor, set_of_unit: Tensor, weight: Tensor, covariates: Covariates, noise: SetNoise
    ) -> Tensor:
        """Squared error of the velocity, shape (n_sets,)."""
        start = noise.normal(self.n_vectors)
        step = (noise.uniform(1).squeeze(1) * len(self.signal)).long()
        signal = self.signal[step][:, None]
        noisy = signal.sqrt() * vectors + (1 - signal).sqrt() * start
        target = signal.sqrt() * start - (1 - signal).sqrt() * vectors
        time = step.to(vectors) / len(self.signal)
        velocity = self.field(noisy, time, self.field.context(z, set_of_unit, covariates))
        error = (velocity - target).square().sum(1, keepdim=True)
        return segment_mean(error, set_of_unit, weight, len(z)).squeeze(1)

    def _steps(self) -> list[int]:
        r"""Steps of the schedule at which the network is asked, from pure noise down.

        Of steps of one length, 25 would stop at a noise of 0.08, and groups that are narrower than that would lose their spread. Steps that round to the
        same one are taken once.
        """
        share = np.arange(1, self.n_steps + 1) / self.n_steps
        return np.unique(np.rint(share**2 * (len(self.signal) - 1)).astype(int))[::-1].tolist()

    def sample(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise) -> Tensor:
        """Solve from noise, shape (n_units, n_vectors)."""
        from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler

        context = self.field.context(z, set_of_unit, covariates)
        vectors = noise.normal(self.n_vectors)
        solver = DPMSolverMultistepScheduler(**SCHEDULE)
        solver.set_timesteps(timesteps=self._steps(), device=vectors.device)
        for step in solver.timesteps:
            time = (step.to(vectors) / len(self.signal))[None]
            vectors = solver.step(self.field(vectors, time, context), step, vectors).prev_sample
        return vectors
