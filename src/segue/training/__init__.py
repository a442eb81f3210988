"""Networks that hear: data sets, cached spectra, networks, objectives, the training loop, artefacts (extra `train`)."""
