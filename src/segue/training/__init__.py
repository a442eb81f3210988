"""Networks that hear: data sets, cached spectra, networks, objectives, loop, artefacts (extra `train`)."""
