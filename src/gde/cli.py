"""The command ``gde``: demo, train, embed, generate."""

import argparse
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from anndata import AnnData, read_h5ad

from gde import datasets, pl, tl
from gde.get import group_adata
from gde.model import GDEModel


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; an error that names its cure is printed without a traceback."""
    parsed = _parser().parse_args(arguments)
    try:
        parsed.run(parsed)
    except (KeyError, ValueError, OSError, RuntimeError, FloatingPointError) as error:
        message = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"gde: error: {message}", file=sys.stderr)
        return 2
    return 0


def _demo(args: argparse.Namespace) -> None:
    """Train on half of each group's cells, embed all groups, generate, and compare with the half that was not seen."""
    adata, groups_are = _demo_data(args)
    seen, unseen = _halves(adata, args)
    model = _trained(seen, args)

    model.get_group_embeddings(adata).to_csv(args.output / "embeddings.csv")
    new = model.generate(adata)
    new.write_h5ad(args.output / "generated.h5ad")
    model.save(str(args.output / "model"), overwrite=True)
    _draw(adata, new, args)

    scores = tl.evaluate(model, seen, unseen)
    distance, auc = scores.loc["energy_distance"], scores.loc["c2st_auc"]
    print(
        f"\n{groups_are}\n"
        f"{seen.n_obs} cells were used for training; the other {unseen.n_obs} were kept for this comparison.\n"
        f"Generated cells are {distance['value']:.2f} from the unseen cells of their group (energy distance; 0 is a perfect match).\n"
        f"  The floor: real cells of the same group are {distance['floor']:.2f} from them.\n"
        f"  Cells pooled over all groups are {distance['chance']:.2f} from them.\n"
        f"A classifier tells generated cells from real ones with an AUC of {auc['value']:.2f} (0.5 is chance; "
        f"real cells from real ones: {auc['floor']:.2f}).\n"
        f"Written to {args.output}: embeddings.csv, generated.h5ad, groups.png, model/"
    )


def _demo_data(args: argparse.Namespace) -> tuple[AnnData, str]:
    if args.data is not None:
        if args.group_key is None:
            raise ValueError(
                "`--group-key` is needed with a data file: the column of `.obs` with the donor, clone or perturbation."
            )
        return _read(args.data), f"Groups are the {args.group_key} of {args.data.name}."
    if args.simulate:
        args.group_key, args.color = "donor", "severity"
        return datasets.simulate_cohort(), "Groups are 24 simulated donors along a known axis, `severity`."
    args.group_key = "cell_type"
    return datasets.pbmc68k_reduced(), "Groups are the cell types of 700 blood cells; they stand in for donors."


def _halves(adata: AnnData, args: argparse.Namespace) -> tuple[AnnData, AnnData]:
    """Two halves of each group's cells; the first has the odd one."""
    if args.group_key not in adata.obs:
        return adata, adata  # `setup_anndata` will say what is wrong
    shuffled = adata.obs.sample(frac=1, random_state=args.seed)
    rank = shuffled.groupby(args.group_key, observed=True).cumcount().reindex(adata.obs_names)
    return adata[(rank % 2 == 0).to_numpy()].copy(), adata[(rank % 2 == 1).to_numpy()].copy()


def _draw(adata: AnnData, new: AnnData, args: argparse.Namespace) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    pl.embedding(group_adata(adata), color=getattr(args, "color", None), ax=axes[0])
    axes[0].set_title("Embeddings of the groups", fontsize=10)
    pl.generated(adata, new, layer=args.layer, ax=axes[1])
    figure.savefig(args.output / "groups.png", dpi=150)
    plt.close(figure)


def _train(args: argparse.Namespace) -> None:
    if args.output.exists() and not args.overwrite:
        raise ValueError(f"{args.output} exists. Choose another folder, or replace it with `--overwrite`.")
    model = _trained(_read(args.data), args)
    model.save(str(args.output), overwrite=True)
    print(f"Written to {args.output}")


def _embed(args: argparse.Namespace) -> None:
    model = _load(args.model)
    embeddings = model.get_group_embeddings(
        _read(args.data), key_added=None, allow_missing_genes=args.allow_missing_genes
    )
    embeddings.to_csv(args.output)
    print(f"{len(embeddings)} groups written to {args.output}")


def _generate(args: argparse.Namespace) -> None:
    model = _load(args.model)
    new = model.generate(
        _read(args.data),
        groups=args.groups,
        n_units=args.n_units,
        batch=args.batch,
        allow_missing_genes=args.allow_missing_genes,
        seed=args.seed,
    )
    new.write_h5ad(args.output)
    print(f"{new.n_obs} units written to {args.output}")


def _read(path: Path) -> AnnData:
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    return read_h5ad(path)


def _load(path: Path) -> GDEModel:
    if not (path / "model.json").is_file():
        raise FileNotFoundError(f"There is no model in {path}. Name the folder that `gde train` wrote.")
    return GDEModel.load(str(path), adata=False)


def _trained(adata: AnnData, args: argparse.Namespace) -> GDEModel:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*does not have many workers")
        GDEModel.setup_anndata(adata, group_key=args.group_key, layer=args.layer, batch_key=args.batch_key)
        model = GDEModel(adata, encoder=args.encoder, generator=args.generator, n_latent=args.n_latent, seed=args.seed)
        model.train(max_epochs=args.max_epochs)
    return model


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gde", description="Embed groups of cells, and generate cells from the embeddings."
    )
    commands = parser.add_subparsers(required=True, metavar="demo | train | embed | generate")

    demo = commands.add_parser("demo", help="train, embed and generate in one go", description=_demo.__doc__)
    demo.add_argument(
        "data", nargs="?", type=Path, metavar="DATA.h5ad", help="default: 700 blood cells that scanpy ships"
    )
    demo.add_argument("--simulate", action="store_true", help="use a simulated cohort of 24 donors instead")
    _add_training(demo, group_key_required=False)
    demo.add_argument("-o", "--output", type=_folder, required=True, metavar="DIR", help="folder to write to")
    demo.set_defaults(run=_demo)

    train = commands.add_parser("train", help="train a model")
    train.add_argument("data", type=Path, metavar="DATA.h5ad")
    _add_training(train, group_key_required=True)
    train.add_argument("-o", "--output", type=Path, required=True, metavar="MODEL", help="folder to save the model to")
    train.add_argument("--overwrite", action="store_true", help="replace a model that is there")
    train.set_defaults(run=_train)

    embed = commands.add_parser("embed", help="embed the groups of a file, seen or not")
    embed.add_argument("model", type=Path, metavar="MODEL")
    embed.add_argument("data", type=Path, metavar="DATA.h5ad")
    _add_missing_genes(embed)
    embed.add_argument("-o", "--output", type=Path, required=True, metavar="EMBEDDINGS.csv")
    embed.set_defaults(run=_embed)

    generate = commands.add_parser("generate", help="generate units of the groups of a file")
    generate.add_argument("model", type=Path, metavar="MODEL")
    generate.add_argument("data", type=Path, metavar="DATA.h5ad")
    generate.add_argument("--groups", nargs="+", metavar="GROUP", help="default: all")
    generate.add_argument("--n-units", type=int, help="units of each group; default: as many as it has")
    generate.add_argument("--batch", help="batch of the new units; default: those of the group")
    _add_missing_genes(generate)
    generate.add_argument("--seed", type=int)
    generate.add_argument("-o", "--output", type=Path, required=True, metavar="GENERATED.h5ad")
    generate.set_defaults(run=_generate)
    return parser


def _add_training(parser: argparse.ArgumentParser, *, group_key_required: bool) -> None:
    parser.add_argument("--group-key", required=group_key_required, help="column of .obs with the group of each cell")
    parser.add_argument("--layer", help="layer with the counts; default: X")
    parser.add_argument("--batch-key", help="column of .obs with the batch")
    parser.add_argument("--encoder", default="deep_sets")
    parser.add_argument("--generator", default="flow_matching")
    parser.add_argument("--n-latent", type=int, default=32, help="width of the embedding (default: %(default)s)")
    parser.add_argument("--max-epochs", type=int)
    parser.add_argument("--seed", type=int, default=0)


def _add_missing_genes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--allow-missing-genes", action="store_true", help="mask genes that the file lacks")


def _folder(path: str) -> Path:
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
