"""Every recipe that ships can be read, names things that exist, and has the published size."""

from __future__ import annotations

import pytest

from segue.encoders.fma518 import FMA518_COLUMNS
from segue.errors import UsageError
from segue.experiments.inputs import log_mel_settings, window_settings
from segue.experiments.overrides import changed_recipe
from segue.experiments.recipe import (
    Choice,
    Recipe,
    load_recipe,
    recipe_from_table,
    recipe_names,
    recipe_table,
)
from segue.experiments.runs import Asked, asked_as_json, recipe_as_table
from segue.experiments.targets import target_names
from segue.genres import classifier_names, voters
from segue.training.networks.registry import network_names, network_spec
from segue.training.objectives.registry import objective_names

_KNOWN = {*target_names(), "genre", "artist", "mood", "tags", "wanted"}


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_names_what_exists(name: str) -> None:
    recipe = load_recipe(name)
    assert {*recipe.wants} <= _KNOWN
    assert bool(recipe.input.vectors) == recipe.takes_vectors
    if recipe.classifier is not None:
        assert {*voters(recipe.classifier.name)} <= {*classifier_names()}
        assert {*(recipe.input.families or ())} <= {feature for feature, _, _ in FMA518_COLUMNS}
    if not recipe.network.name:
        assert recipe.model in ("classifier", "kmeans")
        return
    stages = [recipe.objective, *([recipe.stage2.objective] if recipe.stage2 else [])]
    assert recipe.network.name in network_names()
    assert all(stage.name in objective_names() for stage in stages)
    assert {target for stage in stages for target in stage.targets} <= _KNOWN
    assert (network_spec(recipe.network.name).hears is not None) == (recipe.model == "network")
    assert recipe.shortened.epochs <= recipe.training.epochs


def test_every_system_has_recipes_and_their_reported_figures() -> None:
    recipes = [load_recipe(name) for name in recipe_names()]
    assert {recipe.system for recipe in recipes} == {"A", "B", "C", "D", "E", "S"}
    for recipe in recipes:
        assert recipe.reported or recipe.system == "S", recipe.name
        for one in recipe.reported:
            assert one.setting and bool(one.figures) != bool(one.words)


def test_recipes_say_how_many_parameters_their_networks_have() -> None:
    pytest.importorskip("torch")
    recipes = [load_recipe(name) for name in recipe_names()]
    assert {recipe.name: recipe.published.parameters for recipe in recipes} == {
        recipe.name: _counted(recipe) for recipe in recipes
    }


def _counted(recipe: Recipe) -> int:
    """Trainable parameters in the published size; 0 where its sizes are not known."""
    if not recipe.published.outputs:
        return 0
    if recipe.model == "network":
        shape: tuple[int, ...] = (window_settings(recipe).n_frames, log_mel_settings(recipe).n_mels)
    elif recipe.published.inputs:
        shape = (recipe.published.inputs,)
    else:
        return 0
    if recipe.stage2 is not None and recipe.stage2.network is not None:
        first, dim = _size(recipe.network, shape, 0)
        return first + _size(recipe.stage2.network, (dim,), recipe.published.outputs)[0]
    heads = 0 if recipe.objective.name in _WITHOUT_HEADS else recipe.published.outputs
    return _size(recipe.network, shape, heads)[0]


_WITHOUT_HEADS = ("triplet-offline", "triplet-online", "supervised-contrastive", "self-supervised")


def _size(network: Choice, shape: tuple[int, ...], outputs: int) -> tuple[int, int]:
    """Parameters with a head of so many outputs, and the size of the embedding; no memory is taken."""
    import torch

    from segue.training.networks.registry import build_network, n_parameters

    with torch.device("meta"):
        trunk = build_network(network.name, shape=shape, settings=network.settings)
    return n_parameters(trunk) + (trunk.dim + 1) * outputs, trunk.dim


def test_settings_that_are_not_said_are_the_networks() -> None:
    recipe = changed_recipe("pohl-cnn", ["input.n_mels=96", "input.n_frames=64"])
    heard = network_spec("pohl-cnn").hears
    assert heard is not None
    assert log_mel_settings(recipe).hop == heard.hop
    assert log_mel_settings(recipe).n_mels == 96
    assert window_settings(recipe).n_frames == 64


def test_changes_reach_every_part() -> None:
    recipe = changed_recipe(
        "pohl-triplet",
        [
            "network.dropout=0.5",
            "objective.margin=1",
            "training.patience=3",
            "stage2.network.hidden=[64]",
            "split.folds=5",
            "target.n_factors=8",
            "augment.gain_db=6",
        ],
        epochs=2,
    )
    assert recipe.network.settings == {"dropout": 0.5}
    assert recipe.objective.settings["margin"] == 1
    assert (recipe.training.epochs, recipe.training.patience) == (2, 3)
    assert recipe.stage2 is not None and recipe.stage2.network is not None
    assert recipe.stage2.network.settings == {"hidden": [64]}
    assert recipe.stage2.training.epochs == 2
    assert (recipe.split.folds, recipe.target.n_factors, recipe.augment.gain_db) == (5, 8, 6.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("training.epoch=3", "did you mean 'epochs'"),
        ("trainnig.epochs=3", "did you mean 'training'"),
        ("training.epochs=many", "whole number"),
        ("training.betas=[0.9, 2]", "below 1"),
        ("training.weight_decay=-1", "0 or above"),
        ("training.clip=0", "above 0"),
        ("split.folds=0", "at least 1"),
        ("split.test=0", "shares of the tracks"),
        ("split.valid=nan", "shares of the tracks"),
        ("input.range_db=-3", "above 0"),
        ("bag.n_tones=0", "at least 1"),
        ("bag.pca_share=2", "at most 1"),
        ("training.epochs", "part.name=value"),
        ("epochs=3", "part.name=value"),
        ("training.epochs.more=3", "has no parts"),
        ("split.apart=artists", "did you mean 'artist'"),
        ("training.optimiser=sdg", "did you mean 'sgd'"),
        ("training.betas=[0.9]", "2 values"),
        ("training.epochs=0", "at least 1"),
        ("stage2.kind=regression", "lacks 'objective'"),
    ],
)
def test_a_wrong_change_is_one_line(change: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as said:
        changed_recipe("pohl-cnn", [change])
    assert "\n" not in str(said.value)


def test_an_unknown_recipe_is_guessed_at() -> None:
    with pytest.raises(UsageError, match="did you mean 'pohl-cnn'"):
        load_recipe("phol-cnn")
    with pytest.raises(UsageError, match="segue experiment list"):
        load_recipe("zzz")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("classifier.selection=pcaa", "did you mean 'pca'"),
        ("classifier.balanced=perhaps", "true or false"),
        ("classifier.nam=knn", "did you mean 'name'"),
        ("network.name=dense", "has no place for 'network'"),
        ("input.families=mfcc", "must be a list"),
    ],
)
def test_a_wrong_change_of_a_classifier_is_one_line(change: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        changed_recipe("rubio-logistic", [change])


def test_a_classifier_has_no_epochs_to_change() -> None:
    assert changed_recipe("rubio-logistic", epochs=3) == load_recipe("rubio-logistic")


def test_sets_of_columns_are_as_large_as_their_names_say() -> None:
    sizes = {
        name: sum(feature in families for feature, _, _ in FMA518_COLUMNS)
        for name in recipe_names()
        if (families := load_recipe(name).input.families) and name.startswith("gao-")
    }
    assert len(sizes) == 9
    assert all(size == int(name.rpartition("-")[2]) for name, size in sizes.items())


def test_questions_of_networks_are_asked_as_before_there_were_classifiers() -> None:
    settings = recipe_as_table(load_recipe("freitas-mlp-genre"))
    assert "classifier" not in settings and "families" not in settings["input"]
    assert _asked(load_recipe("pohl-cnn")).digest == "05ec40d0"


def test_a_recipe_that_lacks_something_is_refused() -> None:
    table = recipe_table("pohl-cnn")
    with pytest.raises(UsageError, match="has no place for 'classifier'"):
        recipe_from_table("mine", {**table, "classifier": {"name": "knn"}})
    del table["network"]
    with pytest.raises(UsageError, match="lacks 'network'"):
        recipe_from_table("mine", table)
    with pytest.raises(UsageError, match="must be a table"):
        recipe_from_table("mine", {**recipe_table("pohl-cnn"), "training": 3})


def _asked(recipe: Recipe, seed: int = 0) -> Asked:
    return Asked(recipe, "some data", "0123", "factors", seed)


@pytest.mark.parametrize("name", recipe_names())
def test_settings_survive_being_written(name: str) -> None:
    recipe = load_recipe(name)
    words = ("title", "source", "reported", "published", "shortened")
    said = {key: value for key, value in recipe_table(name).items() if key in words}
    assert recipe_from_table(name, {**said, **recipe_as_table(recipe)}) == recipe


def test_equal_questions_have_equal_folders_and_words_do_not_count() -> None:
    recipe = load_recipe("pohl-cnn")
    assert _asked(recipe).folder_name == _asked(changed_recipe("pohl-cnn")).folder_name
    assert _asked(recipe).folder_name.startswith("pohl-cnn-some-data-")
    others = [
        _asked(recipe, seed=1),
        _asked(changed_recipe("pohl-cnn", ["training.epochs=3"])),
        _asked(changed_recipe("pohl-cnn", ["network.neurons=64"])),
    ]
    assert len({asked.digest for asked in [_asked(recipe), *others]}) == 4
    assert "reported" not in asked_as_json(_asked(recipe))["settings"]
